/// Replaces secrets by `•••`: the strings it was told, and whatever looks like a key (`sk-…`, `bat_…`, `Bearer …`, `AKIA…`, JWTs, the
/// user information of URLs …).
///
/// Text without any is returned as it is, after one pass with a look into tables per byte.
public struct SecretMask: Sendable {
    /// What stands where a secret was.
    public static let replacement = "•••"
    /// Shorter ones are not registered: masking them would tear ordinary text apart.
    public static let minimumLength = SecretTexts.keyLength

    private let masksShapes: Bool
    private var known = SecretTexts()
    private var shapes: [[KeyShape]]
    /// Bytes with which something that looks like a key may begin.
    private var isStart: [Bool]

    /// - Parameter keyShapes: also mask what only looks like a key. Right for logs, wrong for what people write to each other.
    public init(keyShapes: Bool = true) {
        masksShapes = keyShapes
        shapes = [[KeyShape]](repeating: [], count: 256)
        isStart = [Bool](repeating: false, count: 256)
        guard keyShapes else { return }
        isStart[Int(UInt8(ascii: ":"))] = true
        for shape in KeyShape.known {
            for byte in shape.ignoresCase ? [shape.prefix[0] | 0x20, shape.prefix[0] & 0xDF] : [shape.prefix[0]] {
                shapes[Int(byte)].append(shape)
                isStart[Int(byte)] = true
            }
        }
    }

    /// Adds a secret, and the forms it takes percent-encoded and inside JSON. Those under `minimumLength` bytes are ignored.
    public mutating func register(_ secret: String) {
        for form in SecretMask.forms(of: secret) { known.insert(form) }
    }

    /// Takes secrets away again.
    public mutating func forget(_ secrets: [String]) {
        guard !secrets.isEmpty else { return }
        for secret in secrets {
            for form in SecretMask.forms(of: secret) { known.remove(form) }
        }
        known.tidy()
    }

    private static func forms(of secret: String) -> Set<[UInt8]> {
        [Array(secret.utf8), percentEncoded(secret), jsonEscaped(secret)]
    }

    public func mask(_ text: String) -> String {
        var text = text
        let masked = text.withUTF8 { mask($0) }
        return masked.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Nil if there is nothing to mask.
    public func mask(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8]?
        var copied = 0
        var position = 0
        while position < text.count {
            guard let found = match(text, at: position) else {
                position += 1
                continue
            }
            var bytes = result ?? []
            bytes.append(contentsOf: text[copied..<(position + found.kept)])
            bytes.append(contentsOf: SecretMask.replacement.utf8)
            result = bytes
            position += found.length
            copied = position
        }
        result?.append(contentsOf: text[copied...])
        return result
    }

    private func match(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (length: Int, kept: Int)? {
        if let length = known.match(text, at: start) { return (length, 0) }
        let first = Int(text[start])
        guard masksShapes, isStart[first] else { return nil }
        if text[start] == UInt8(ascii: ":") { return SecretMask.userInformation(text, at: start) }
        // "sk-" inside a word ("risk-…") is no key.
        guard start == 0 || !KeyShape.Alphabet.word.contains(text[start - 1]) else { return nil }
        for shape in shapes[first] {
            if let found = shape.match(text, at: start) { return found }
        }
        return nil
    }

    /// `user:password` in `scheme://user:password@host`.
    private static func userInformation(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (length: Int, kept: Int)? {
        guard text[start...].starts(with: "://".utf8) else { return nil }
        let ends: Set<UInt8> = [0x20, 0x2F, 0x3F, 0x23, 0x22, 0x27, 0x3C, 0x3E, 0x0A, 0x0D, 0x09]
        let authority = text[(start + 3)...].prefix { !ends.contains($0) }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")), at > start + 3 else { return nil }
        return (at - start, 3)
    }

    private static func percentEncoded(_ text: String) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    private static func jsonEscaped(_ text: String) -> [UInt8] {
        text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x22, 0x5C: [0x5C, byte]
            case 0x0A: [0x5C, UInt8(ascii: "n")]
            default: [byte]
            }
        }
    }
}
