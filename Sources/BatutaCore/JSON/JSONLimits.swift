/// How much of a document is read before it is refused: what comes from outside costs a bounded amount of time and memory.
public struct JSONLimits: Sendable, Hashable {
    /// Nested arrays and objects; at most 1,024, so that walking a tree never exhausts a thread's stack.
    public var depth: Int
    /// Size of the whole document in bytes; at most 1 GiB.
    public var bytes: Int
    /// Length of one number's literal in bytes.
    public var numberLength: Int
    /// Values and keys together. A tree takes about 40 bytes for each.
    public var values: Int

    /// 128 levels and 16 MiB are far beyond any request of a model or a tool; a million values bound the tree at some 40 MB.
    public init(depth: Int = 128, bytes: Int = 16 << 20, numberLength: Int = 1_024, values: Int = 1_000_000) {
        self.depth = depth
        self.bytes = bytes
        self.numberLength = numberLength
        self.values = values
    }

    public static let standard = JSONLimits()
}
