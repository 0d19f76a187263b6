/// An e-mail address as accounts are found by: in lower case, since nobody has two accounts that differ in case only.
public struct EmailAddress: Sendable, Hashable {
    public let text: String

    /// nil for what is no address: something, one `@`, something, no blanks, at most 254 bytes (RFC 5321 §4.5.3.1.3). Whether mail
    /// arrives there is not looked at.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), text.utf8.count <= 254,
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.value >= 32 && $0.value != 127 })
        else { return nil }
        self.text = text.lowercased()
    }
}
