import BatutaCore

/// Which references are known to be in the store, so that storing the same bytes again costs no row.
///
/// An entry counts for twenty minutes only: a sweep removes nothing younger than an hour, so what is remembered cannot have been swept before the batch that relies on it is written.
struct BlobMemory {
    struct Key: Hashable {
        let hash: BlobHash
        let owner: String
    }

    static let life = Duration.seconds(20 * 60)
    /// Two generations of this size: about 1 MB at most.
    private static let generation = 4_096

    private var young: [Key: Timestamp] = [:]
    private var old: [Key: Timestamp] = [:]

    mutating func remember(_ key: Key, at: Timestamp) {
        if young.count >= Self.generation {
            old = young
            young = [:]
        }
        young[key] = at
    }

    func knows(_ key: Key, now: Timestamp) -> Bool {
        guard let at = young[key] ?? old[key] else { return false }
        return now >= at && now < at.advanced(by: Self.life)
    }

    mutating func forget(owner: String) {
        young = young.filter { $0.key.owner != owner }
        old = old.filter { $0.key.owner != owner }
    }

    mutating func forgetAll() {
        young = [:]
        old = [:]
    }
}
