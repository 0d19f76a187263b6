public import BatutaCore

/// How much somebody should care about a line.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    /// One per step, for whoever looks for a fault.
    case debug
    /// Life cycle.
    case info
    /// It recovered.
    case warning
    /// Someone must act.
    case error

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// `debug`, `info`, `warning`, `error`; nil for anything else.
    public init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    public var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// A value beside a log message.
public enum LogValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)

    /// Anything that describes itself, such as an identifier or an error code.
    public static func describing(_ value: some CustomStringConvertible) -> LogValue { .string(value.description) }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// The values beside a log message, in their order.
public typealias LogFields = KeyValuePairs<String, LogValue>

/// One line before it is written.
public struct LogEntry: Sendable {
    public var at: Timestamp
    public var level: LogLevel
    public var message: String
    public var fields: [(name: String, value: LogValue)]

    public init(at: Timestamp, level: LogLevel, message: String, fields: [(name: String, value: LogValue)]) {
        self.at = at
        self.level = level
        self.message = message
        self.fields = fields
    }
}
