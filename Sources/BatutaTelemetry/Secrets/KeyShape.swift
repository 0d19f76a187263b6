/// The look of a credential that nobody registered: what it begins with and how it goes on.
struct KeyShape: Sendable {
    let prefix: [UInt8]
    let tail: Alphabet
    let minimumTail: Int
    /// Whether the prefix stays readable, since it is no part of the secret.
    var keepsPrefix = false
    var ignoresCase = false

    enum Alphabet: Sendable {
        case word
        case capitals
        /// RFC 6750 §2.1.
        case token

        func contains(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A: true
            case 0x61...0x7A, 0x2D, 0x5F: self != .capitals
            case 0x2E, 0x2B, 0x2F, 0x3D, 0x7E: self == .token
            default: false
            }
        }
    }

    private init(_ prefix: String, _ tail: Alphabet, _ minimumTail: Int, keepsPrefix: Bool = false, ignoresCase: Bool = false) {
        self.prefix = Array(prefix.utf8)
        self.tail = tail
        self.minimumTail = minimumTail
        self.keepsPrefix = keepsPrefix
        self.ignoresCase = ignoresCase
    }

    /// How many bytes of `text` from `start` are such a credential, and how many of them may stay; nil if it is none.
    func match(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (length: Int, kept: Int)? {
        guard text.count - start >= prefix.count + minimumTail else { return nil }
        for (offset, byte) in prefix.enumerated() {
            let found = text[start + offset]
            guard found == byte || (ignoresCase && found | 0x20 == byte | 0x20) else { return nil }
        }
        let end = text[(start + prefix.count)...].firstIndex { !tail.contains($0) } ?? text.endIndex
        guard end - start - prefix.count >= minimumTail else { return nil }
        return (end - start, keepsPrefix ? prefix.count : 0)
    }

    /// From the documentation of the services named.
    static let known: [KeyShape] = [
        KeyShape("sk-", .word, 16),  // OpenAI, Anthropic and their kin
        KeyShape("sk_live_", .word, 10),  // Stripe
        KeyShape("sk_test_", .word, 10),
        KeyShape("bat_", .word, 16),  // our own
        KeyShape("Bearer ", .token, 8, keepsPrefix: true, ignoresCase: true),
        KeyShape("Basic ", .token, 8, keepsPrefix: true, ignoresCase: true),
        KeyShape("AKIA", .capitals, 16),  // AWS
        KeyShape("ASIA", .capitals, 16),
        KeyShape("AIza", .word, 30),  // Google
        KeyShape("EAA", .word, 24),  // Meta
        KeyShape("gsk_", .word, 16),  // Groq
        KeyShape("hf_", .word, 20),  // Hugging Face
        KeyShape("ghp_", .word, 20),  // GitHub
        KeyShape("gho_", .word, 20),
        KeyShape("ghs_", .word, 20),
        KeyShape("github_pat_", .word, 20),
        KeyShape("xoxb-", .word, 10),  // Slack
        KeyShape("xoxp-", .word, 10),
        KeyShape("xapp-", .word, 10),
        KeyShape("whsec_", .token, 10),
        KeyShape("eyJ", .token, 20),  // JSON Web Tokens: base64url of {"
    ]
}
