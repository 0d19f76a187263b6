public import BatutaCore

/// A statement and its values. Interpolation binds, it never splices: `"SELECT name FROM users WHERE id = \(id)"` has the text `… id = ?` and one bind.
///
/// Only text that the compiler saw can become SQL: literals, `\(raw:)` with a `StaticString`, and `\(_: SQL)`, which appends another statement's text and binds.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text, with `?` for each bind.
    public let text: String
    public let binds: [Bind]
    /// The number of the `PreparedSQL` this came from, or -1.
    let identity: Int

    public init(stringLiteral text: String) {
        self.init(text: text, binds: [], identity: -1)
    }

    public init(stringInterpolation parts: Interpolation) {
        self.init(text: parts.text, binds: parts.binds, identity: -1)
    }

    /// A prepared statement with its values, in the order of its question marks.
    public init(_ prepared: PreparedSQL, _ binds: [Bind]) {
        self.init(text: prepared.text, binds: binds, identity: prepared.identity)
    }

    /// Test seam: text that the compiler did not see.
    package init(program text: String) { self.init(text: text, binds: []) }

    init(text: String, binds: [Bind], identity: Int = -1) {
        self.text = text
        self.binds = binds
        self.identity = identity
    }
}

extension SQL {
    /// Gathers the text and the binds of an interpolated statement.
    public struct Interpolation: StringInterpolationProtocol {
        var text = ""
        var binds: [Bind] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            binds.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation(_ bind: Bind) {
            text += "?"
            binds.append(bind)
        }

        public mutating func appendInterpolation(_ value: String) { appendInterpolation(Bind.text(value)) }
        public mutating func appendInterpolation(_ value: String?) { appendInterpolation(Bind.optional(value)) }
        public mutating func appendInterpolation(_ value: some BinaryInteger) { appendInterpolation(Bind.integer(value)) }
        public mutating func appendInterpolation(_ value: (some BinaryInteger)?) {
            if let value { appendInterpolation(Bind.integer(value)) } else { appendInterpolation(Bind.null) }
        }
        public mutating func appendInterpolation(_ value: Double) { appendInterpolation(Bind.double(value)) }
        public mutating func appendInterpolation(_ value: Double?) { appendInterpolation(value.map(Bind.double) ?? .null) }
        /// 1 or 0.
        public mutating func appendInterpolation(_ value: Bool) { appendInterpolation(Bind.int(value ? 1 : 0)) }
        public mutating func appendInterpolation(_ value: Bool?) { appendInterpolation(value.map { Bind.int($0 ? 1 : 0) } ?? .null) }
        public mutating func appendInterpolation(_ value: [UInt8]) { appendInterpolation(Bind.blob(value)) }
        public mutating func appendInterpolation(_ value: [UInt8]?) { appendInterpolation(Bind.optional(value)) }
        public mutating func appendInterpolation(_ value: some Identifier) { appendInterpolation(Bind.text(value.rawValue)) }
        public mutating func appendInterpolation(_ value: (some Identifier)?) { appendInterpolation(Bind.optional(value?.rawValue)) }
        /// Milliseconds.
        public mutating func appendInterpolation(_ value: Timestamp) { appendInterpolation(Bind.int(value.milliseconds)) }
        public mutating func appendInterpolation(_ value: Timestamp?) { appendInterpolation(Bind.optional(value?.milliseconds)) }

        /// Text of the program itself, such as a column list kept in a constant.
        public mutating func appendInterpolation(raw text: StaticString) { self.text += String(describing: text) }

        /// Another statement's text and binds, in place.
        public mutating func appendInterpolation(_ fragment: SQL) {
            text += fragment.text
            binds += fragment.binds
        }

        /// `?, ?, ?` with one bind each, for `IN (…)`. At most a few dozen: every length is another statement to compile.
        public mutating func appendInterpolation(list binds: [Bind]) {
            for (index, bind) in binds.enumerated() {
                if index > 0 { text += ", " }
                appendInterpolation(bind)
            }
        }
    }
}
