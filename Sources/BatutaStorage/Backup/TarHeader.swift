/// The 512 bytes before each file of an archive: the ustar form of POSIX.1-2001, with GNU's binary sizes for files of 8 GiB and more.
struct TarHeader: Sendable, Equatable {
    static let size = 512

    /// At most 100 bytes of ASCII.
    var name: String
    /// Bytes of the file.
    var count: Int
    /// Seconds since 1970.
    var modified: Int64 = 0

    /// What fills the file's last block.
    var padding: Int { (Self.size - count % Self.size) % Self.size }

    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.size)
        func put(_ text: String, at place: Int) { block.replaceSubrange(place..<(place + text.utf8.count), with: text.utf8) }
        put(String(name.prefix(100)), at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        block.replaceSubrange(124..<136, with: Self.number(count))
        put(Self.octal(Int(max(0, modified)), digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(Self.octal(Self.sum(of: block), digits: 6), at: 148)
        block[154] = 0
        return block
    }

    /// nil when these bytes are no header of a file, or were changed.
    init?(_ block: [UInt8]) {
        guard block.count == Self.size, Array(block[257..<262]) == Array("ustar".utf8), block[156] == 0x30 || block[156] == 0 else {
            return nil
        }
        var blank = block
        blank.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
        guard Self.value(of: block[148..<156]) == Self.sum(of: blank), let count = Self.value(of: block[124..<136]) else { return nil }
        let name = String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
        guard !name.isEmpty, block[345] == 0 else { return nil }
        self.init(name: name, count: count, modified: Int64(Self.value(of: block[136..<148]) ?? 0))
    }

    init(name: String, count: Int, modified: Int64 = 0) {
        self.name = name
        self.count = count
        self.modified = modified
    }

    private static func sum(of block: [UInt8]) -> Int { block.reduce(0) { $0 + Int($1) } }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Twelve bytes: eleven octal digits, or a first bit and the number itself.
    private static func number(_ value: Int) -> [UInt8] {
        guard value >= 1 << 33 else { return Array(octal(value, digits: 11).utf8) + [0] }
        return [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }

    private static func value(of field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            guard field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
    }
}
