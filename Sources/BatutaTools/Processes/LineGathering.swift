import Glibc

/// Cuts what a process says into lines that end in LF. Of a line beyond the limit only the two ends are kept.
struct LineGathering: Sendable {
    enum Line: Sendable, Hashable {
        /// Without its end.
        case whole([UInt8])
        /// `head` and `tail` have at most `LineGathering.shown` bytes each.
        case overlong(head: [UInt8], tail: [UInt8], bytes: Int)
    }

    /// Bytes of each end of an overlong line.
    static let shown = 512

    private let limit: Int
    private var line: [UInt8] = []
    /// Bytes of an overlong line so far, and its last ones; the first are in `line`.
    private var passed = 0
    private var tail: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Hands over every line that `bytes` completes.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ onLine: (Line) -> Void) {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            guard let end = memchr(base, 0x0A, rest.count) else { return keep(rest) }
            let count = base.distance(to: end)
            keep(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            onLine(take())
            rest = UnsafeRawBufferPointer(rebasing: rest[(count + 1)...])
        }
    }

    /// The last line, when it has no end; nil when there is nothing.
    mutating func finish() -> Line? { line.isEmpty && passed == 0 ? nil : take() }

    private mutating func keep(_ piece: UnsafeRawBufferPointer) {
        if passed == 0, line.count + piece.count <= limit { return line.append(contentsOf: piece) }
        if passed == 0 {
            passed = line.count
            let head = Array(line.prefix(Self.shown)) + piece.prefix(max(Self.shown - line.count, 0))
            tail = line.suffix(Self.shown)
            line = head
        }
        passed += piece.count
        tail = Array((tail + piece.suffix(Self.shown)).suffix(Self.shown))
    }

    private mutating func take() -> Line {
        defer {
            line = []
            tail = []
            passed = 0
        }
        if passed > 0 { return .overlong(head: line, tail: tail, bytes: passed) }
        return .whole(line.last == 0x0D ? line.dropLast() : line)
    }
}
