public import BatutaCore

/// What changed between two texts, line by line (Myers' algorithm, as the standard library has it).
public struct LineDiff: Sendable, Hashable {
    public enum Line: Sendable, Hashable {
        case same(String)
        case added(String)
        case removed(String)
    }

    public let lines: [Line]

    /// What lies between the first line and the last in which texts differ is told as one replacing the other when it has more lines than
    /// these: finding the shortest way takes the square of that.
    private static let most = 2_000

    /// Blocks for up to a tenth of a second.
    public init(from old: String, to new: String) {
        let (before, after) = (Self.lines(of: old), Self.lines(of: new))
        let head = zip(before, after).prefix { $0 == $1 }.count
        let tail = zip(before.dropFirst(head).reversed(), after.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let middle = Self.between(Array(before.dropFirst(head).dropLast(tail)), Array(after.dropFirst(head).dropLast(tail)))
        lines = before.prefix(head).map(Line.same) + middle + before.suffix(tail).map(Line.same)
    }

    private static func between(_ before: [String], _ after: [String]) -> [Line] {
        guard before.count + after.count <= most else { return before.map(Line.removed) + after.map(Line.added) }
        var removed: Set<Int> = [], added: Set<Int> = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        return merged(before, after, removed, added)
    }

    private static func merged(_ before: [String], _ after: [String], _ removed: Set<Int>, _ added: Set<Int>) -> [Line] {
        var lines: [Line] = []
        var (old, new) = (0, 0)
        while old < before.count || new < after.count {
            if old < before.count, removed.contains(old) {
                lines.append(.removed(before[old]))
                old += 1
            } else if new < after.count, added.contains(new) {
                lines.append(.added(after[new]))
                new += 1
            } else {
                lines.append(.same(after[new]))
                old += 1
                new += 1
            }
        }
        return lines
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    public var added: Int { lines.count { if case .added = $0 { true } else { false } } }
    public var removed: Int { lines.count { if case .removed = $0 { true } else { false } } }

    /// `[{op: " "|"+"|"-", text}]`.
    public var json: JSON {
        .array(
            lines.map { line in
                switch line {
                case .same(let text): ["op": " ", "text": .string(text)]
                case .added(let text): ["op": "+", "text": .string(text)]
                case .removed(let text): ["op": "-", "text": .string(text)]
                }
            }
        )
    }
}
