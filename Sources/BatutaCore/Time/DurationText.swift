/// Durations as project files and options write them: `500ms`, `30s`, `5m`, `24h`, `7d` (PROJECT.md).
public enum DurationText {
    /// nil when the text is no such duration, or longer than a hundred years.
    public static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 3_153_600_000_000, let unit = milliseconds[String(text.dropFirst(digits.count))] else { return nil }
        let (total, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow, total <= 3_153_600_000_000 else { return nil }
        return .milliseconds(total)
    }

    private static let milliseconds: [String: Int64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
}
