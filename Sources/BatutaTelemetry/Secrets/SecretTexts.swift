/// Texts that are looked for in other texts, as many as there may be: found by their first bytes, added and taken away one at a time.
///
/// A place in a text costs a look into a table of 8 KiB, and a hash of its next bytes where that says that one may begin there.
struct SecretTexts: Sendable {
    /// How many bytes a text is found by, and the fewest that it has.
    static let keyLength = 6

    /// By their first bytes, longest first.
    private var texts: [UInt64: [[UInt8]]] = [:]
    /// A bit for each hash of three bytes with which one begins.
    private var beginnings = [UInt64](repeating: 0, count: 1 << 10)

    var isEmpty: Bool { texts.isEmpty }

    mutating func insert(_ text: [UInt8]) {
        guard let key = text.withUnsafeBufferPointer({ Self.key($0, at: 0) }) else { return }
        let known = texts[key] ?? []
        guard !known.contains(text) else { return }
        let place = known.firstIndex { $0.count < text.count } ?? known.count
        texts[key, default: []].insert(text, at: place)
        mark(key)
    }

    mutating func remove(_ text: [UInt8]) {
        guard let key = text.withUnsafeBufferPointer({ Self.key($0, at: 0) }) else { return }
        texts[key]?.removeAll { $0 == text }
        if texts[key]?.isEmpty == true { texts[key] = nil }
    }

    /// Forgets the beginnings of what was removed; worth it after many.
    mutating func tidy() {
        beginnings = [UInt64](repeating: 0, count: 1 << 10)
        for key in texts.keys { mark(key) }
    }

    /// How many bytes the longest text has that begins at a place; nil when none does.
    func match(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
        guard start + Self.keyLength <= text.count else { return nil }
        let bit = Self.bit(text[start], text[start + 1], text[start + 2])
        guard beginnings[bit >> 6] >> UInt64(bit & 63) & 1 == 1, let key = Self.key(text, at: start), let candidates = texts[key] else {
            return nil
        }
        for candidate in candidates where text[start...].starts(with: candidate) { return candidate.count }
        return nil
    }

    private mutating func mark(_ key: UInt64) {
        let bit = Self.bit(UInt8(truncatingIfNeeded: key >> 40), UInt8(truncatingIfNeeded: key >> 32), UInt8(truncatingIfNeeded: key >> 24))
        beginnings[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    /// The first bytes as a number; nil when there are too few.
    private static func key(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt64? {
        guard start + keyLength <= text.count else { return nil }
        var key: UInt64 = 0
        for index in start..<start + keyLength { key = key << 8 | UInt64(text[index]) }
        return key
    }

    /// 0 to 65,535.
    private static func bit(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
        let bytes = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
        return Int((bytes &* 2_654_435_761) >> 16)
    }
}
