/// One line of the table.
struct Row {
    var name: String
    /// Median of the rounds.
    var measured: Double
    var unit: String
    var target: Target
    /// What it is compared with, and where that figure comes from.
    var comparisons: [Comparison] = []

    enum Target {
        case atMost(Double)
        case atLeast(Double)
        case none
    }

    struct Comparison {
        var name: String
        var value: Double
    }

    var holds: Bool? {
        switch target {
        case .atMost(let limit): measured <= limit
        case .atLeast(let limit): measured >= limit
        case .none: nil
        }
    }
}

/// Prints rows as they come, in columns.
struct Report {
    private static let widths = [50, 16, 14, 6]

    private(set) var missed = 0

    init() {
        print(Self.line(["row", "measured", "target", "", "compared with (ratio)"]))
        print(String(repeating: "-", count: 130))
    }

    mutating func add(_ row: Row) {
        if row.holds == false { missed += 1 }
        let mark = row.holds.map { $0 ? "ok" : "MISS" } ?? ""
        let compared = row.comparisons.map { Self.comparison($0, row) }.joined(separator: "; ")
        print(Self.line([row.name, "\(Self.number(row.measured)) \(row.unit)", Self.target(row), mark, compared]))
    }

    private static func comparison(_ comparison: Row.Comparison, _ row: Row) -> String {
        let larger = max(comparison.value, row.measured), smaller = max(min(comparison.value, row.measured), 1e-9)
        let better: Bool
        if case .atLeast = row.target { better = row.measured >= comparison.value } else { better = row.measured <= comparison.value }
        return "\(comparison.name) \(number(comparison.value)) (\(better ? "" : "1/")\(number(larger / smaller))x)"
    }

    private static func target(_ row: Row) -> String {
        switch row.target {
        case .atMost(let limit): "<= \(number(limit))"
        case .atLeast(let limit): ">= \(number(limit))"
        case .none: "-"
        }
    }

    private static func line(_ cells: [String]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            line += cell
            guard index < widths.count else { continue }
            line += String(repeating: " ", count: max(1, widths[index] - cell.utf8.count))
        }
        return line
    }

    /// Three significant figures.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        if value >= 1_000 { return grouped(Int(value.rounded())) }
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        guard digits > 0 else { return String(scaled) }
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)"
    }

    private static func grouped(_ value: Int) -> String {
        value < 1_000 ? String(value) : "\(grouped(value / 1_000)),\(String(String(1_000 + value % 1_000).dropFirst()))"
    }
}
