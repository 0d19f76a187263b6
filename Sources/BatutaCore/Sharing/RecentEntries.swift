/// A cache's entries in memory, bounded in number and bytes; the least recently used go first. A value; knows no clock and no lock.
public struct RecentEntries<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var bytes: Int
        var used: Int
    }

    private let most: Int
    private let mostBytes: Int
    private var entries: [Key: Entry] = [:]
    private var bytes = 0
    private var tick = 0

    public init(most: Int, mostBytes: Int) {
        self.most = most
        self.mostBytes = mostBytes
    }

    public var count: Int { entries.count }

    /// The value, which is the last one used now, if it is good.
    public mutating func use(_ key: Key, if isGood: (Value) -> Bool) -> Value? {
        guard let place = entries.index(forKey: key), isGood(entries.values[place].value) else { return nil }
        tick += 1
        entries.values[place].used = tick
        return entries.values[place].value
    }

    /// - Parameter isGone: What may go before anything else when there is no room.
    public mutating func keep(_ value: Value, for key: Key, bytes size: Int, isGone: (Value) -> Bool = { _ in false }) {
        remove(key)
        tick += 1
        entries[key] = Entry(value: value, bytes: size, used: tick)
        bytes += size
        guard entries.count > most || bytes > mostBytes else { return }
        removeAll { _, value in isGone(value) }
        shrink()
    }

    public mutating func remove(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { bytes -= entry.bytes }
    }

    /// - Returns: How many there were.
    @discardableResult
    public mutating func removeAll(where isMeant: (Key, Value) -> Bool) -> Int {
        let keys = entries.filter { isMeant($0.key, $0.value.value) }.keys
        for key in keys { remove(key) }
        return keys.count
    }

    /// To nine tenths, so that not every further entry pays for the search.
    private mutating func shrink() {
        for (key, _) in entries.sorted(by: { $0.value.used < $1.value.used }) {
            guard entries.count > most * 9 / 10 || bytes > mostBytes / 10 * 9 else { return }
            remove(key)
        }
    }
}
