public import BatutaStorage
import Synchronization

/// What becomes of one write.
public enum WriteFate: Sendable {
    case commit
    /// The store says no, as a full disk would: nothing is written, and the answer comes in order.
    case refuse(StorageError)
    /// It is on disk, but the store says no, as after a disk error at the very end.
    case deny(StorageError)
    /// Something happens at a moment of the write, which otherwise goes on.
    case act(WriteMoment, @Sendable () -> Void)
}

/// The moments of a write between which a crash makes a difference.
public enum WriteMoment: String, Sendable, CaseIterable {
    /// Nothing is on disk.
    case before
    /// It is on disk and nobody was told.
    case after
    /// It is on disk and everybody was told.
    case delivered
}

/// A store whose writes a test can disturb, each by its number (1, 2, 3 …).
public final class DisturbedDatabase: Database {
    private let inner: any Database
    private let fate: @Sendable (Int) -> WriteFate
    private let count = Atomic<Int>(0)

    public init(_ inner: any Database, fate: @escaping @Sendable (Int) -> WriteFate) {
        self.inner = inner
        self.fate = fate
    }

    /// Writes that were submitted so far.
    public var writes: Int { count.load(ordering: .acquiring) }

    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        let number = count.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        switch fate(number) {
        case .commit: inner.submit(batch, completion: completion)
        case .refuse(let error): inner.submit(WriteBatch(order: batch.key)) { _ in completion(.failure(error)) }
        case .deny(let error): inner.submit(batch) { _ in completion(.failure(error)) }
        case .act(.before, let act):
            act()
            inner.submit(batch, completion: completion)
        case .act(.after, let act):
            inner.submit(batch) { result in
                act()
                completion(result)
            }
        case .act(.delivered, let act):
            inner.submit(batch) { result in
                completion(result)
                act()
            }
        }
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        try await inner.read(body)
    }

    public func migrate(_ sets: [MigrationSet]) async throws { try await inner.migrate(sets) }
    public var writeFailure: StorageError? { inner.writeFailure }
    public func purge() async throws { try await inner.purge() }
    public func close() async { await inner.close() }
}
