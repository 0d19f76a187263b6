import BatutaCore

/// Reads the JSON documents that providers send.
enum WireDocument {
    /// Shows one document. Halves of characters are rewritten first (`TextRepair`), and joined by whoever gathers the texts (`TextJoiner`).
    ///
    /// - Throws: `JSONError` when it is no JSON, and what `body` throws.
    static func read<Value>(_ bytes: UnsafeRawBufferPointer, _ body: (_ view: JSONView, _ isRepaired: Bool) throws -> Value) throws -> Value
    {
        do {
            return try JSONDocument.read(bytes) { try body($0, false) }
        } catch let error as JSONError where error.code == .loneSurrogate || error.code == .invalidUTF8 {
            return try TextRepair.repaired(bytes).withUnsafeBytes { repaired in try JSONDocument.read(repaired) { try body($0, true) } }
        }
    }
}

extension JSONView {
    /// A count of tokens, 0 where there is none. Bounded, so that sums over a run cannot overflow whatever a provider claims.
    var tokens: Int { Int(min(max(int ?? 0, 0), 1 << 40)) }
}
