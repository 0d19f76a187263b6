/// The functions of the language: CEL's standard definitions, its string extension, some of `math`, and Batuta's `number` and `money`.
enum ExpressionFunction: String, Sendable, CaseIterable {
    case size, type, dyn
    case int, uint, double, string, bool, bytes, timestamp, duration
    case contains, startsWith, endsWith, matches
    case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getHours, getMinutes, getSeconds, getMilliseconds
    case charAt, indexOf, lastIndexOf, join, lowerAscii, upperAscii, replace, split, substring, trim, format, reverse
    case quote = "strings.quote"
    case greatest = "math.greatest"
    case least = "math.least"
    case absolute = "math.abs"
    case ceiling = "math.ceil"
    case floor = "math.floor"
    case round = "math.round"
    case truncate = "math.trunc"
    case sign = "math.sign"
    case number, money

    /// How a function is written, and with how many arguments (the receiver counts as one).
    struct Form {
        var isGlobal: Bool
        var isMethod: Bool
        var arguments: ClosedRange<Int>

        static func global(_ arguments: ClosedRange<Int>) -> Form { Form(isGlobal: true, isMethod: false, arguments: arguments) }
        static func method(_ arguments: ClosedRange<Int>) -> Form { Form(isGlobal: false, isMethod: true, arguments: arguments) }
        static func both(_ arguments: ClosedRange<Int>) -> Form { Form(isGlobal: true, isMethod: true, arguments: arguments) }
    }

    var form: Form {
        switch self {
        case .size: .both(1...1)
        case .matches: .both(2...2)
        case .type, .dyn, .int, .uint, .double, .string, .bool, .bytes, .timestamp, .duration, .quote: .global(1...1)
        case .absolute, .ceiling, .floor, .round, .truncate, .sign: .global(1...1)
        case .greatest, .least: .global(1...32)
        case .number: .global(1...2)
        case .money: .global(2...2)
        case .contains, .startsWith, .endsWith, .charAt, .format: .method(2...2)
        case .lowerAscii, .upperAscii, .trim, .reverse: .method(1...1)
        case .indexOf, .lastIndexOf, .split, .substring: .method(2...3)
        case .join: .method(1...2)
        case .replace: .method(3...4)
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes, .getSeconds,
            .getMilliseconds:
            .method(1...2)
        }
    }

    static let globals: [String: ExpressionFunction] = named { $0.form.isGlobal }
    static let methods: [String: ExpressionFunction] = named { $0.form.isMethod }
    /// First halves of names such as `math.round`.
    static let namespaces: Set<String> = ["math", "strings"]

    private static func named(where isOffered: (ExpressionFunction) -> Bool) -> [String: ExpressionFunction] {
        Dictionary(uniqueKeysWithValues: allCases.filter(isOffered).map { ($0.rawValue, $0) })
    }
}
