/// Puts a response head together from the lines that libcurl hands over, past interim responses (1xx) and ignoring trailers.
struct ResponseHeadReader: Sendable {
    enum Event: Equatable {
        case nothing
        /// The head of the final response is complete.
        case head
        case tooLarge
    }

    private let maximum: Int
    private var size = 0
    private(set) var status = 0
    private(set) var headers = HTTPHeaders()
    private(set) var isComplete = false

    init(maximum: Int) { self.maximum = maximum }

    mutating func read(_ line: UnsafeRawBufferPointer) -> Event {
        size += line.count
        guard size <= maximum else { return .tooLarge }
        guard !isComplete else { return .nothing }
        let text = ResponseHeadReader.trimmed(line[...])
        if text.isEmpty { return endOfBlock() }
        if let code = ResponseHeadReader.status(of: text) {
            status = code
            headers = HTTPHeaders()
        } else {
            addField(text)
        }
        return .nothing
    }

    private mutating func endOfBlock() -> Event {
        guard status >= 200 else { return .nothing }
        isComplete = true
        return .head
    }

    private mutating func addField(_ text: Slice<UnsafeRawBufferPointer>) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: text[..<colon], as: UTF8.self)
        let value = ResponseHeadReader.trimmed(text[(colon + 1)...])
        headers.add(name, String(decoding: value, as: UTF8.self))
    }

    /// `HTTP/1.1 200 OK` and `HTTP/2 200` alike.
    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard line.starts(with: "HTTP/".utf8), let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let digits = line[(space + 1)...].prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var rest = bytes
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
