import BatutaCore

/// Durations as project files write them: `500ms`, `30s`, `5m`, `24h`, `7d` (PROJECT.md).
public enum DurationText {
    static let pattern = "^[0-9]+(ms|s|m|h|d)$"
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// nil for anything else, and for more than a thousand years.
    public static func duration(_ text: String) -> Duration? {
        let figures = text.utf8.prefix { (48...57).contains($0) }
        let unit = String(text.utf8.dropFirst(figures.count)) ?? ""
        guard !figures.isEmpty, let count = Int64(String(figures) ?? ""), let factor = units.first(where: { $0.name == unit }) else {
            return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: factor.milliseconds)
        guard !overflow, milliseconds <= 365_250 * 86_400_000 else { return nil }
        return .milliseconds(milliseconds)
    }

    /// The same in the largest unit that divides it.
    public static func text(_ duration: Duration) -> String {
        let milliseconds = duration.inMilliseconds
        guard milliseconds != 0, let unit = units.last(where: { milliseconds % $0.milliseconds == 0 }) else { return "\(milliseconds)ms" }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

extension Shape where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Shape {
        let (least, most) = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
        let expected = Words("a duration from \(least) to \(most)", "uma duração de \(least) a \(most)")
        let schema: FileSchema = ["type": "string", "pattern": .string(DurationText.pattern)]
        return Shape(schema: schema, expected: expected) { node, problems in
            guard let duration = node.string.flatMap(DurationText.duration) else {
                var hint = Words("write 500ms, 30s, 5m, 24h or 7d", "escreva 500ms, 30s, 5m, 24h ou 7d")
                if case .number(let number) = node.content {
                    let figures = number.literal.prefix(20)
                    hint = Words("write a unit: \(figures)s", "escreva a unidade: \(figures)s")
                }
                problems.error(node.line, Words("a duration was expected", "esperava-se uma duração"), hint: hint)
                return nil
            }
            guard range.contains(duration) else {
                problems.error(node.line, .expected(expected, not: DurationText.text(duration)))
                return nil
            }
            return duration
        }
    }
}
