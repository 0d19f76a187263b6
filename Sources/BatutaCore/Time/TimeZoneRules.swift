/// The offsets of a time zone over time, from a TZif file (RFC 9636) and the rule in its footer.
///
/// Read by ourselves, because the C library's own way goes through the `TZ` variable of the whole process.
public struct TimeZoneRules: Sendable {
    /// The offset that holds at some moment.
    public struct Offset: Sendable, Hashable {
        /// East of UTC.
        public var seconds: Int
        public var abbreviation: String
        public var isDaylightSaving: Bool

        public init(seconds: Int, abbreviation: String, isDaylightSaving: Bool) {
            self.seconds = seconds
            self.abbreviation = abbreviation
            self.isDaylightSaving = isDaylightSaving
        }
    }

    public let name: String
    let transitions: [Int64]
    let kinds: [Int]
    let offsets: [Offset]
    let footer: TimeZoneFooter?

    public static let utc = TimeZoneRules(
        name: "UTC",
        transitions: [],
        kinds: [],
        offsets: [Offset(seconds: 0, abbreviation: "UTC", isDaylightSaving: false)],
        footer: nil
    )

    init(name: String, transitions: [Int64], kinds: [Int], offsets: [Offset], footer: TimeZoneFooter?) {
        self.name = name
        self.transitions = transitions
        self.kinds = kinds
        self.offsets = offsets
        self.footer = footer
    }

    /// The offset at a moment; binary search, then the footer's rule for what lies after the last transition.
    public func offset(at moment: Timestamp) -> Offset {
        let seconds = moment.milliseconds >= 0 ? moment.milliseconds / 1_000 : -((999 - moment.milliseconds) / 1_000)
        guard let last = transitions.last, seconds < last else {
            return footer?.offset(at: seconds) ?? kinds.last.map { offsets[$0] } ?? first
        }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[kinds[low - 1]]
    }

    /// Before the first transition: the first standard time.
    private var first: Offset { offsets.first { !$0.isDaylightSaving } ?? offsets[0] }
}

extension TimeZoneRules {
    /// nil when the bytes are no TZif file.
    public init?(name: String, tzif bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        guard let rules = reader.read(name: name) else { return nil }
        self = rules
    }
}

/// RFC 9636 §3: a header with six counts, a block with 32-bit times, and from version 2 a second header and block with 64-bit times and a footer.
struct TZifReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private struct Header {
        var version: UInt8
        var isUT: Int
        var isStandard: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        func size(ofTime width: Int) -> Int { times * (width + 1) + types * 6 + characters + leaps * (width + 4) + isStandard + isUT }
    }

    mutating func read(name: String) -> TimeZoneRules? {
        guard let first = header() else { return nil }
        guard first.version >= 50 else { return block(first, width: 4, name: name, footer: nil) }
        position += first.size(ofTime: 4)
        guard let second = header() else { return nil }
        let end = position + second.size(ofTime: 8)
        let footer = end < bytes.count ? TimeZoneFooter(bytes[end...].dropFirst().prefix { $0 != 10 }) : nil
        return block(second, width: 8, name: name, footer: footer)
    }

    private mutating func header() -> Header? {
        guard bytes.count >= position + 44, Array(bytes[position..<position + 4]) == Array("TZif".utf8) else { return nil }
        let counts = (0..<6).map { Int(integer(at: position + 20 + $0 * 4, width: 4)) }
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        let version = bytes[position + 4]
        position += 44
        return Header(
            version: version,
            isUT: counts[0],
            isStandard: counts[1],
            leaps: counts[2],
            times: counts[3],
            types: counts[4],
            characters: counts[5]
        )
    }

    private func block(_ header: Header, width: Int, name: String, footer: TimeZoneFooter?) -> TimeZoneRules? {
        guard header.types > 0, position + header.size(ofTime: width) <= bytes.count else { return nil }
        let kindStart = position + header.times * width
        let typeStart = kindStart + header.times
        let textStart = typeStart + header.types * 6
        let transitions = (0..<header.times).map { integer(at: position + $0 * width, width: width) }
        let kinds = (0..<header.times).map { Int(bytes[kindStart + $0]) }
        guard kinds.allSatisfy({ $0 < header.types }), zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        let texts = bytes[textStart..<textStart + header.characters]
        let offsets = (0..<header.types).map { index in
            let start = typeStart + index * 6
            let text = texts.dropFirst(Int(bytes[start + 5])).prefix { $0 != 0 }
            return TimeZoneRules.Offset(
                seconds: Int(integer(at: start, width: 4)),
                abbreviation: String(decoding: text, as: UTF8.self),
                isDaylightSaving: bytes[start + 4] != 0
            )
        }
        return TimeZoneRules(name: name, transitions: transitions, kinds: kinds, offsets: offsets, footer: footer)
    }

    /// Big-endian, two's complement.
    private func integer(at start: Int, width: Int) -> Int64 {
        let value = bytes[start..<start + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
