/// Why an expression could not be read or evaluated.
///
/// Messages name types, names and places, never the values that an expression worked on: those may be secrets.
public struct ExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// The text is no expression.
        case syntax
        /// A top-level name that nobody offers here.
        case unknownName = "unknown_name"
        /// A function or method that does not exist, or with another number of arguments.
        case unknownFunction = "unknown_function"
        /// A map without this key; `has()` tests for it.
        case noSuchKey = "no_such_key"
        /// An operator or function does not take values of these types.
        case wrongType = "wrong_type"
        /// A condition that is neither true nor false.
        case notBoolean = "not_boolean"
        /// An index outside a list or text.
        case indexOutOfRange = "index_out_of_range"
        /// Division or remainder by zero.
        case divisionByZero = "division_by_zero"
        /// A number, timestamp or duration outside its range.
        case overflow
        /// A value of the right type that a function cannot use.
        case invalidArgument = "invalid_argument"
        /// More steps than an evaluation may take.
        case costExceeded = "cost_exceeded"
        /// A text or list that is larger than an evaluation may make.
        case tooLarge = "too_large"
        /// Longer or more deeply nested than an expression may be.
        case tooComplex = "too_complex"
    }

    public var code: Code
    /// What is wrong and what to do, without the place.
    public var reason: Words
    /// Where it is wrong; nil when no place is known.
    public var location: SourceLocation?
    /// For values that contain templates: where the text stands, as a JSON pointer.
    public var pointer: String?

    public init(_ code: Code, _ reason: Words, at location: SourceLocation? = nil, pointer: String? = nil) {
        self.code = code
        self.reason = reason
        self.location = location
        self.pointer = pointer
    }

    /// The reason with its place: ``expected `)` at column 12``.
    public var message: Words {
        guard let place = location?.words else { return reason }
        return Words("\(reason.english) at \(place.english)", "\(reason.portuguese), na \(place.portuguese)")
    }

    /// For logs, and for models when a tool's expression fails: both read English.
    public var description: String {
        let message = message.english
        return pointer.map { $0.isEmpty ? message : "\($0): \(message)" } ?? message
    }

    public var line: Int { location?.line ?? 1 }
    public var column: Int { location?.column ?? 1 }
    /// UTF-8 bytes before the place.
    public var offset: Int { location?.offset ?? 0 }

    /// Running out of resources is never outweighed by the other side of `&&` and `||`.
    var isResourceLimit: Bool { code == .costExceeded || code == .tooLarge || code == .tooComplex }
}

/// A place in a text.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// From 1, in Unicode code points.
    public var column: Int
    /// UTF-8 bytes before the place.
    public var offset: Int

    public init(line: Int = 1, column: Int = 1, offset: Int = 0) {
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// The place behind a number of bytes that follow this place.
    func advanced(over text: some Sequence<UInt8>) -> SourceLocation {
        var place = self
        for byte in text {
            place.offset += 1
            if byte == 10 {
                place.line += 1
                place.column = 1
            } else if byte & 0xC0 != 0x80 {
                place.column += 1
            }
        }
        return place
    }

    public var words: Words {
        line == 1
            ? Words("column \(column)", "coluna \(column)")
            : Words("line \(line), column \(column)", "linha \(line), coluna \(column)")
    }

    public var description: String { words.english }
}
