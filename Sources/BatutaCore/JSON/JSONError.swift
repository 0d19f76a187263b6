/// Why a document is not JSON, or not JSON that Batuta reads.
public struct JSONError: Error, Sendable, Hashable {
    /// Stable words for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no value: nothing, or white space only.
        case empty
        /// More bytes than `JSONLimits.bytes`.
        case tooLong = "too_long"
        /// More nesting than `JSONLimits.depth`.
        case tooDeep = "too_deep"
        /// More values than `JSONLimits.values`.
        case tooManyValues = "too_many_values"
        /// A number longer than `JSONLimits.numberLength`.
        case numberTooLong = "number_too_long"
        /// Bytes that are no UTF-8 (RFC 3629).
        case invalidUTF8 = "invalid_utf8"
        /// A byte order mark at the start; RFC 8259 forbids writing one.
        case byteOrderMark = "byte_order_mark"
        /// A character below U+0020 within a string, not escaped.
        case controlCharacter = "control_character"
        /// A string without its closing quote.
        case unclosedString = "unclosed_string"
        /// A backslash followed by something that is no escape.
        case invalidEscape = "invalid_escape"
        /// Half of a surrogate pair: no character, so no UTF-8.
        case loneSurrogate = "lone_surrogate"
        /// Something like a number that is none (`01`, `1.`, `.5`, `+1`, `NaN`).
        case invalidNumber = "invalid_number"
        /// A word that is neither `true`, `false` nor `null`.
        case invalidLiteral = "invalid_literal"
        /// A character where the grammar has no place for it.
        case unexpectedCharacter = "unexpected_character"
        /// The document ends before its value does.
        case truncated
        /// More after the end of the value.
        case trailingContent = "trailing_content"
        /// No memory for the buffers.
        case outOfMemory = "out_of_memory"
    }

    public var code: Code
    /// What is wrong and what to do, in English, without the document's content.
    public var message: String
    /// Bytes from the start of the document, when known.
    public var offset: Int?

    public init(_ code: Code, _ message: String, offset: Int? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String { offset.map { "\(message) (at byte \($0))" } ?? message }
}

extension JSONError {
    init(_ code: Code, offset: Int, limits: JSONLimits) {
        self.init(code, Self.message(code, limits), offset: code == .empty || code == .outOfMemory ? nil : offset)
    }

    private static func message(_ code: Code, _ limits: JSONLimits) -> String {
        switch code {
        case .empty: "the JSON document is empty; a value was expected"
        case .tooLong: "the JSON document is longer than \(limits.bytes) bytes"
        case .tooDeep: "the JSON document nests deeper than \(limits.depth) levels"
        case .tooManyValues: "the JSON document holds more than \(limits.values) values"
        case .numberTooLong: "a number is longer than \(limits.numberLength) bytes"
        case .invalidUTF8: "the JSON document is not valid UTF-8"
        case .byteOrderMark: "the JSON document starts with a byte order mark; leave it out"
        case .controlCharacter: "a string holds a control character; escape it (a line break is \\n)"
        case .unclosedString: "a string has no closing quote"
        case .invalidEscape: "a backslash is followed by no escape of JSON; write \\\\ for a backslash"
        case .loneSurrogate: "half of a surrogate pair in a \\u escape; write both halves"
        case .invalidNumber: "this is no number of JSON (no leading zeros or plus sign, digits on both sides of the point)"
        case .invalidLiteral: "this is no value of JSON; words are true, false and null, text needs double quotes"
        case .unexpectedCharacter: "unexpected character; check commas, colons, brackets and double quotes"
        case .truncated: "the JSON document ends too early"
        case .trailingContent: "there is more after the end of the JSON value"
        case .outOfMemory: "no memory left to read the JSON document"
        }
    }
}
