import Glibc

/// Columns of a list. In a terminal that is too narrow for them they go on, whole, in further lines; in a pipe each row is one line.
enum Row {
    private static let gap = "  "
    private static let indent = "    "

    /// - Parameter width: Of the terminal; nil in a pipe.
    static func text(_ columns: [String], width: Int?) -> String {
        let one = columns.joined(separator: gap).trimmingTrailingSpace()
        guard let width, shown(one) > width else { return one }
        var lines = [columns.first ?? ""]
        for column in columns.dropFirst() where !column.isEmpty {
            let longer = lines[lines.count - 1] + gap + column
            if shown(longer.trimmingTrailingSpace()) <= width {
                lines[lines.count - 1] = longer
            } else {
                lines += broken(column, to: width - indent.count).map { indent + $0 }
            }
        }
        return lines.map { $0.trimmingTrailingSpace() }.joined(separator: "\n")
    }

    /// A text that is too long for a line; one with colours stays whole.
    private static func broken(_ column: String, to width: Int) -> [String] {
        shown(column) <= width || column.contains("\u{1B}") ? [column] : Help.wrapped(column, to: width)
    }

    /// How many characters are seen: those that set a colour are not (ECMA-48, SGR).
    private static func shown(_ text: String) -> Int {
        var count = 0, isColour = false
        for character in text {
            if character == "\u{1B}" { isColour = true } else if !isColour { count += 1 } else if character == "m" { isColour = false }
        }
        return count
    }
}

extension Terminal {
    /// A row of a list as it fits where it is shown.
    func row(_ columns: [String]) -> String { Row.text(columns, width: Self.width) }

    /// The columns of the terminal on standard output; nil where that is none.
    private static var width: Int? {
        var size = winsize()
        guard isatty(1) == 1, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
