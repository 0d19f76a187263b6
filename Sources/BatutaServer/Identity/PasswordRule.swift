import BatutaCore

/// What a password must be: long. No rules about what is in it, since those make passwords worse (NIST SP 800-63B §5.1.1.2).
public enum PasswordRule {
    public static let lengths = 10...200

    public static func allows(_ password: String) -> Bool { lengths.contains(password.count) }

    static let words = Words(
        "must have \(lengths.lowerBound) to \(lengths.upperBound) characters",
        "precisa ter de \(lengths.lowerBound) a \(lengths.upperBound) caracteres"
    )
}
