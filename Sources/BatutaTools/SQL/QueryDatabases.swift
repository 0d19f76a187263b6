public import BatutaStorage
import Synchronization

/// The databases that the projects of this process use. Two versions of a project share one as long as its address and size stay the same;
/// the last of its tools that goes closes it.
public final class QueryDatabases: Sendable {
    private struct Kept {
        weak var database: QueryDatabase?
    }

    private let kept = Mutex<[QueryDatabase.Configuration: Kept]>([:])

    public init() {}

    /// Connects to nothing.
    public func database(_ configuration: QueryDatabase.Configuration) -> QueryDatabase {
        kept.withLock { kept in
            kept = kept.filter { $0.value.database != nil }
            if let open = kept[configuration]?.database { return open }
            let database = QueryDatabase(configuration)
            kept[configuration] = Kept(database: database)
            return database
        }
    }

    /// Those that are in use.
    public var count: Int { kept.withLock { $0.values.count { $0.database != nil } } }
}
