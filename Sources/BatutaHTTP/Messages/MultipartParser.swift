public import BatutaCore
import Glibc

/// Takes a `multipart/form-data` body apart as it comes (RFC 7578 with the grammar of RFC 2046 §5.1), holding back no more than a boundary.
///
/// Strict: no preamble, no epilogue, CRLF only, every part with a `Content-Disposition: form-data` and a name. A pure value; the same bytes
/// give the same events however they are cut.
public struct MultipartParser: Sendable {
    public struct Part: Sendable, Hashable {
        /// The field's name.
        public var name: String
        public var fileName: String?
        public var contentType: String?
    }

    public enum Event: Sendable, Hashable {
        case part(Part)
        /// Bytes of the part that began last.
        case data([UInt8])
        case partEnd
        /// The closing boundary; nothing follows.
        case end
    }

    private enum State { case boundary, afterBoundary, headers, data, ended }

    static let mostParts = 16
    static let mostHeaderBytes = 8 * 1_024

    private let delimiter: [UInt8]
    private var state = State.boundary
    private var parts = 0
    /// The line break before the first boundary is not sent.
    private var pending: [UInt8] = Self.lineBreak

    private static let lineBreak: [UInt8] = [13, 10]
    private static let headerEnd: [UInt8] = [13, 10, 13, 10]

    /// - Parameter contentType: the request's header; nil when it is no multipart form with a boundary.
    public init?(contentType: String) {
        guard let value = HeaderValue(contentType), value.word == "multipart/form-data", let boundary = value.parameters["boundary"],
            (1...70).contains(boundary.utf8.count), boundary.utf8.allSatisfy({ (33...126).contains($0) || $0 == 32 }), boundary.last != " "
        else { return nil }
        delimiter = Self.lineBreak + Array("--\(boundary)".utf8)
    }

    /// Takes the next bytes in.
    public mutating func feed(_ bytes: [UInt8]) throws(MultipartError) -> [Event] {
        pending += bytes
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// The body is over.
    public func finish() throws(MultipartError) {
        guard state == .ended else {
            throw MultipartError(Words("it ends before its closing boundary", "ele termina antes do delimitador final"))
        }
    }

    /// False when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(MultipartError) -> Bool {
        switch state {
        case .boundary: return try boundary()
        case .afterBoundary: return try afterBoundary(&events)
        case .headers: return try headers(&events)
        case .data: return data(&events)
        case .ended: return try epilogue()
        }
    }

    private mutating func boundary() throws(MultipartError) -> Bool {
        let known = min(pending.count, delimiter.count)
        guard pending.prefix(known) == delimiter.prefix(known) else {
            throw MultipartError(Words("it does not begin with its boundary", "ele não começa com o delimitador"))
        }
        guard known == delimiter.count else { return false }
        pending.removeFirst(known)
        state = .afterBoundary
        return true
    }

    private mutating func afterBoundary(_ events: inout [Event]) throws(MultipartError) -> Bool {
        guard pending.count >= 2 else { return false }
        let mark = Array(pending.prefix(2))
        pending.removeFirst(2)
        if mark == Array("--".utf8), parts > 0 {
            events.append(.end)
            state = .ended
            return true
        }
        guard mark == Self.lineBreak else {
            throw MultipartError(
                Words("a boundary is followed by neither a line break nor --", "depois de um delimitador não vem quebra de linha nem --")
            )
        }
        parts += 1
        guard parts <= Self.mostParts else {
            throw MultipartError(Words("it has more than \(Self.mostParts) parts", "ele tem mais de \(Self.mostParts) partes"))
        }
        state = .headers
        return true
    }

    private mutating func headers(_ events: inout [Event]) throws(MultipartError) -> Bool {
        guard let end = pending.firstRange(of: Self.headerEnd) else {
            guard pending.count <= Self.mostHeaderBytes else {
                throw MultipartError(Words("the head of a part is too long", "o cabeçalho de uma parte é longo demais"))
            }
            return false
        }
        guard end.lowerBound <= Self.mostHeaderBytes else {
            throw MultipartError(Words("the head of a part is too long", "o cabeçalho de uma parte é longo demais"))
        }
        events.append(.part(try Self.part(pending[..<end.lowerBound])))
        // An empty part's boundary begins with the line break that ends its head.
        pending.removeFirst(end.upperBound - Self.lineBreak.count)
        state = .data
        skipsLineBreak = true
        return true
    }

    /// The line break that ends a part's head is still there, in case that it also begins the boundary.
    private var skipsLineBreak = false

    private mutating func data(_ events: inout [Event]) -> Bool {
        if skipsLineBreak {
            guard pending.count >= delimiter.count else { return false }
            skipsLineBreak = false
            if !pending.starts(with: delimiter) { pending.removeFirst(Self.lineBreak.count) }
        }
        if let place = Self.place(of: delimiter, in: pending) {
            if place > 0 { events.append(.data(Array(pending[..<place]))) }
            events.append(.partEnd)
            pending.removeFirst(place + delimiter.count)
            state = .afterBoundary
            return true
        }
        let certain = pending.count - (delimiter.count - 1)
        guard certain > 0 else { return false }
        events.append(.data(Array(pending[..<certain])))
        pending.removeFirst(certain)
        return false
    }

    /// From one line break to the next: the C library finds them many times faster than the standard library.
    private static func place(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            var offset = 0
            while offset + needle.count <= bytes.count, let found = memchr(start + offset, 13, bytes.count - offset) {
                let place = UnsafeRawPointer(found) - start
                if place + needle.count <= bytes.count, memcmp(found, needle, needle.count) == 0 { return place }
                offset = place + 1
            }
            return nil
        }
    }

    private mutating func epilogue() throws(MultipartError) -> Bool {
        guard pending.isEmpty || Self.lineBreak.starts(with: pending) else {
            throw MultipartError(Words("something follows its closing boundary", "há algo depois do delimitador final"))
        }
        return false
    }
}

/// A form that is not one.
public struct MultipartError: Error, Sendable, Hashable {
    /// What is wrong with the body.
    public var message: Words

    init(_ message: Words) { self.message = message }
}

// MARK: - Heads of parts

extension MultipartParser {
    private static func part(_ head: ArraySlice<UInt8>) throws(MultipartError) -> Part {
        var disposition: HeaderValue?
        var contentType: String?
        for line in lines(of: head) {
            guard let text = String(validating: line, as: UTF8.self), let colon = text.firstIndex(of: ":") else {
                throw MultipartError(
                    Words("a line in the head of a part is no header", "uma linha no cabeçalho de uma parte não é um campo")
                )
            }
            let value = String(text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            switch text[..<colon].lowercased() {
            case "content-disposition":
                guard disposition == nil, let parsed = HeaderValue(value), parsed.word == "form-data" else {
                    throw MultipartError(
                        Words("a part needs one Content-Disposition: form-data", "cada parte precisa de um Content-Disposition: form-data")
                    )
                }
                disposition = parsed
            case "content-type": contentType = value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
                    throw MultipartError(
                        Words(
                            "a part is encoded as \(value.prefix(40)); send its bytes as they are",
                            "uma parte está codificada como \(value.prefix(40)); envie os bytes como são"
                        )
                    )
                }
            default: continue
            }
        }
        guard let disposition, let name = disposition.parameters["name"] else {
            throw MultipartError(Words("a part has no name", "uma parte não tem nome"))
        }
        return Part(name: name, fileName: disposition.parameters["filename"], contentType: contentType)
    }

    private static func lines(of head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = head
        while let end = rest.firstRange(of: lineBreak) {
            lines.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return lines + [rest]
    }
}

/// `word; name=value; name="value"` as forms use it: in quotes, browsers write `%22`, `%0D` and `%0A` for what would end the value.
struct HeaderValue {
    let word: String
    private(set) var parameters: [String: String] = [:]

    init?(_ text: String) {
        var rest = Substring(text)
        word = rest.prefix { $0 != ";" }.trimmingBlanks().lowercased()
        rest = rest.drop { $0 != ";" }
        guard !word.isEmpty else { return nil }
        while rest.popFirst() != nil {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.popFirst() == "=", let value = Self.value(&rest), parameters[name.lowercased()] == nil else {
                return nil
            }
            parameters[name.lowercased()] = value
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == ";" else { return nil }
        }
    }

    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" && $0 != "\"" }
            rest = rest.dropFirst(value.count)
            return value.isEmpty ? nil : String(value)
        }
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
            case "\\" where rest.first == "\"" || rest.first == "\\": value.append(rest.removeFirst())
            default: value.append(character)
            }
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
