import BatutaCore

/// What people write about themselves.
extension Fields {
    /// A text, or null to take it back; nil leaves it.
    mutating func personName(_ name: String) -> String?? {
        guard let json = value(name) else { return nil }
        if json.isNull { return .some(nil) }
        guard let text = string(name) else { return nil }
        if text.allSatisfy(\.isWhitespace) || text.utf8.count > 200 {
            refuse(name, Words("must have 1 to 200 characters, or be null", "precisa ter de 1 a 200 caracteres, ou ser null"))
        }
        return text
    }

    /// One of some words, or null to take it back; nil leaves it.
    mutating func choice(_ name: String, of words: [String]) -> String?? {
        guard let json = value(name) else { return nil }
        if json.isNull { return .some(nil) }
        guard let text = string(name) else { return nil }
        let list = words.joined(separator: ", ")
        if !words.contains(text) { refuse(name, Words("must be \(list) or null", "precisa ser \(list) ou null")) }
        return text
    }

    mutating func email(_ name: String) -> EmailAddress? {
        guard let text = string(name) else { return nil }
        if let email = EmailAddress(text) { return email }
        refuse(name, Words("must be an e-mail address such as ana@example.com", "precisa ser um e-mail como ana@example.com"))
        return nil
    }

    /// Long is what counts (NIST SP 800-63B §5.1.1.2): no rules about what is in it.
    mutating func newPassword(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        if !PasswordRule.allows(text) { refuse(name, PasswordRule.words) }
        return text
    }

    mutating func role(_ name: String) -> Role? {
        guard let word = string(name) else { return nil }
        if let role = Role(rawValue: word) { return role }
        refuse(name, Words("must be viewer, member, builder, admin or owner", "precisa ser viewer, member, builder, admin ou owner"))
        return nil
    }
}
