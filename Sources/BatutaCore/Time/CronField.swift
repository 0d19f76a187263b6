/// One field of a cron expression: the numbers at which it fires.
struct CronField: Sendable, Hashable {
    enum Kind: Sendable {
        case minute, hour, day, month, weekday

        /// A week begins and ends with Sunday: 0 and 7.
        var range: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .day: 1...31
            case .month: 1...12
            case .weekday: 0...7
            }
        }

        var names: [String] {
            switch self {
            case .minute, .hour, .day: []
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            }
        }

        var words: Words {
            switch self {
            case .minute: Words("minute", "minuto")
            case .hour: Words("hour", "hora")
            case .day: Words("day of month", "dia do mês")
            case .month: Words("month", "mês")
            case .weekday: Words("day of week", "dia da semana")
            }
        }
    }

    private var bits: UInt64 = 0
    /// It begins with `*`, so that for days only the other one counts.
    let isOpen: Bool

    init(_ text: String, _ kind: Kind) throws(CronError) {
        isOpen = text.hasPrefix("*")
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { try add(part, kind) }
        if kind == .weekday, holds(7) { bits |= 1 }
    }

    func holds(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    /// The smallest number from another on.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    private mutating func add(_ part: Substring, _ kind: Kind) throws(CronError) {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
        guard let span = pieces.first, pieces.count <= 2 else { throw Self.unusable(part, kind) }
        var step = 1
        if pieces.count == 2 {
            guard let number = Self.digits(pieces[1]), (1...kind.range.upperBound).contains(number) else { throw Self.unusable(part, kind) }
            step = number
        }
        let range = try Self.range(span, kind, part)
        if pieces.count == 2, span != "*", !span.contains("-") { throw Self.stepOfOne(part, span, step, kind) }
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) { bits |= 1 << UInt64(number) }
    }

    private static func range(_ span: Substring, _ kind: Kind, _ part: Substring) throws(CronError) -> ClosedRange<Int> {
        if span == "*" { return kind == .weekday ? 0...6 : kind.range }
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard let one = ends.first, let last = ends.last, ends.count <= 2 else { throw unusable(part, kind) }
        let low = try number(one, kind, part)
        var high = try number(last, kind, part)
        // `fri-sun`
        if kind == .weekday, ends.count == 2, high == 0, low > 0 { high = 7 }
        guard low <= high else {
            let message = Words(
                "in the \(kind.words.english), `\(part)` ends before it begins",
                "em \(kind.words.portuguese), `\(part)` termina antes de começar"
            )
            let hint = Words("write two ranges with a comma between", "escreva dois intervalos separados por vírgula")
            throw CronError(message: message, hint: hint)
        }
        return low...high
    }

    private static func number(_ text: Substring, _ kind: Kind, _ part: Substring) throws(CronError) -> Int {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return kind == .month ? index + 1 : index }
        guard let number = digits(text) else { throw unusable(part, kind) }
        guard kind.range.contains(number) else {
            let (low, high) = (kind.range.lowerBound, kind.range.upperBound)
            let message = Words(
                "the \(kind.words.english) goes from \(low) to \(high), not \(number)",
                "\(kind.words.portuguese) vai de \(low) a \(high), não \(number)"
            )
            throw CronError(message: message, hint: nil)
        }
        return number
    }

    private static func digits(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func unusable(_ part: Substring, _ kind: Kind) -> CronError {
        let text = part.prefix(40)
        let message = Words(
            "`\(text)` is nothing that the \(kind.words.english) can be",
            "`\(text)` não serve para \(kind.words.portuguese)"
        )
        let foreign = part.contains { "?LW#".contains($0) }
        let known = Words("write *, 5, 1-5, */15 or 1,3,5", "escreva *, 5, 1-5, */15 ou 1,3,5")
        let lacking = Words("?, L, W and # are not part of crontab(5); ", "?, L, W e # não são do crontab(5); ") + known
        return CronError(message: message, hint: foreign ? lacking : known)
    }

    private static func stepOfOne(_ part: Substring, _ span: Substring, _ step: Int, _ kind: Kind) -> CronError {
        let message = Words(
            "in the \(kind.words.english), a step belongs to a range, `\(part)` has none",
            "em \(kind.words.portuguese), um passo é de um intervalo, e `\(part)` não tem nenhum"
        )
        let written = "\(span)-\(kind.range.upperBound)/\(step)"
        return CronError(message: message, hint: Words("write \(written)", "escreva \(written)"))
    }
}
