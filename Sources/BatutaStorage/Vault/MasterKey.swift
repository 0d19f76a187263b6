import BatutaTelemetry
import CCrypto

/// The key under which the vault's values lie: 32 random bytes.
public struct MasterKey: Sendable, Equatable {
    private let bytes: Secret<[UInt8]>
    /// Names the key in the store, and says nothing about it.
    public let id: String

    static let length = 32

    private init(bytes: [UInt8]) {
        self.bytes = Secret(bytes)
        id = String(Digest.hex(Digest.hmacSHA256(key: bytes, Array("batuta master key".utf8))).prefix(16))
    }

    /// nil unless the text is base64 of 32 bytes; white space around it does not count.
    public init?(base64 text: String) {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        guard let bytes = Base64.decode(String(text.trimmed(isSpace))), bytes.count == Self.length else { return nil }
        self.init(bytes: bytes)
    }

    public static func make() -> MasterKey { MasterKey(bytes: Digest.randomBytes(length)) }

    var base64: String { Base64.encode(bytes.reveal()) }

    /// Nonce, ciphertext and tag of a text that can be opened under this name only: no row can be put in another's place.
    func seal(_ text: String, as name: String) -> [UInt8] {
        let (key, label, plain) = (bytes.reveal(), Self.label(name), Array(text.utf8))
        return [UInt8](unsafeUninitializedCapacity: plain.count + 28) { buffer, filled in
            guard batuta_seal(key, label, label.count, plain, plain.count, buffer.baseAddress) == 1 else {
                fatalError("libcrypto failed to encrypt")
            }
            filled = plain.count + 28
        }
    }

    /// nil when it was sealed with another key, under another name, or was changed since.
    func open(_ sealed: [UInt8], as name: String) -> String? {
        guard sealed.count >= 28 else { return nil }
        let (key, label) = (bytes.reveal(), Self.label(name))
        var isWhole = false
        let plain = [UInt8](unsafeUninitializedCapacity: sealed.count - 28) { buffer, filled in
            isWhole = batuta_open(key, label, label.count, sealed, sealed.count, buffer.baseAddress) == 1
            filled = isWhole ? sealed.count - 28 : 0
        }
        return isWhole ? String(validating: plain, as: UTF8.self) : nil
    }

    private static func label(_ name: String) -> [UInt8] { Array("batuta vault 1\ndefault\n\(name)".utf8) }
}

extension String {
    fileprivate func trimmed(_ isTrimmed: (Character) -> Bool) -> Substring {
        var text = drop(while: isTrimmed)
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
