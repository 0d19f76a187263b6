/// The names that somebody most likely meant, nearest first: for "did you mean" in messages to models and people.
///
/// A name is near when few letters differ (at most a third of its length; two swapped neighbours are one difference),
/// or when one contains the other. Case does not count. Cost: candidates × length²; only 64 bytes of a name and 10,000 candidates are looked at.
public func nearestNames(to name: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let wanted = EditDistance.letters(name)
    guard !wanted.isEmpty, limit > 0 else { return [] }
    var near: [(distance: Int, name: String)] = []
    for candidate in candidates.prefix(10_000) {
        if let distance = EditDistance.nearness(wanted, EditDistance.letters(candidate)) { near.append((distance, candidate)) }
    }
    near.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return near.prefix(limit).map(\.name)
}

enum EditDistance {
    static func letters(_ name: String) -> [UInt8] {
        name.utf8.prefix(64).map { (65...90).contains($0) ? $0 + 32 : $0 }
    }

    /// How far two names are apart, or nil when nobody would take one for the other.
    static func nearness(_ wanted: [UInt8], _ candidate: [UInt8]) -> Int? {
        let longest = max(wanted.count, candidate.count)
        let tolerated = max(1, longest / 3)
        if abs(wanted.count - candidate.count) <= tolerated {
            let distance = between(wanted, candidate)
            if distance <= tolerated, distance < longest { return distance }
        }
        let shortest = min(wanted.count, candidate.count)
        guard shortest >= 3 else { return nil }
        let contained = wanted.count > candidate.count ? contains(wanted, candidate) : contains(candidate, wanted)
        return contained ? tolerated + longest - shortest : nil
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
    static func between(_ one: [UInt8], _ other: [UInt8]) -> Int {
        if one.isEmpty || other.isEmpty { return max(one.count, other.count) }
        var beforeLast = [Int](repeating: 0, count: other.count + 1)
        var last = Array(0...other.count)
        for row in 1...one.count {
            var current = [row]
            for column in 1...other.count {
                let cost = one[row - 1] == other[column - 1] ? 0 : 1
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
                if row > 1, column > 1, one[row - 1] == other[column - 2], one[row - 2] == other[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }

    private static func contains(_ long: [UInt8], _ short: [UInt8]) -> Bool {
        (0...(long.count - short.count)).contains { long[$0..<($0 + short.count)].elementsEqual(short) }
    }
}
