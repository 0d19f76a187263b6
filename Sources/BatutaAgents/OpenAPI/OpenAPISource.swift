import BatutaCore

/// An OpenAPI document as it was written, with its `$ref`s followed (OpenAPI 3.0 and 3.1).
struct OpenAPISource: Sendable {
    let root: JSON
    /// How many references may lead from one to the next.
    private static let deepest = 12

    init(_ root: JSON) { self.root = root }

    /// The value itself in place of a reference to it; a reference that leads nowhere, or to another file, is nil.
    func resolved(_ value: JSON) -> JSON? {
        var value = value
        for _ in 0..<Self.deepest {
            guard let reference = value["$ref"]?.string else { return value }
            guard let target = target(of: reference) else { return nil }
            value = target
        }
        return nil
    }

    func target(of reference: String) -> JSON? {
        guard reference.hasPrefix("#"), let pointer = JSONPointer(Self.decoded(reference.dropFirst())) else { return nil }
        return root[pointer]
    }

    /// Pointers in a URI are percent-encoded (RFC 6901 §6).
    private static func decoded(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
