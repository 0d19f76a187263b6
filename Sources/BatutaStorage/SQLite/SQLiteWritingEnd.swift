/// The writing connection of a SQLite file. After an I/O error it is opened anew, so that writing goes on as soon as it can.
final class SQLiteWritingEnd: WritingEnd {
    private let path: String
    private let configuration: SQLiteConfiguration
    private let log: WriteAheadLog
    private var connection: SQLiteConnection?

    init(path: String, configuration: SQLiteConfiguration, log: WriteAheadLog) throws(StorageError) {
        self.path = path
        self.configuration = configuration
        self.log = log
        _ = try usableConnection()
    }

    func apply(_ batches: [WriteBatch]) -> [Result<BatchOutcome, StorageError>] {
        do {
            let outcomes = GroupCommit(connection: try usableConnection()).apply(batches)
            if case .failure(let error) = outcomes.first, error.code == .io || error.code == .corrupt { connection = nil }
            return outcomes
        } catch {
            return Array(repeating: .failure(error), count: batches.count)
        }
    }

    func usableConnection() throws(StorageError) -> SQLiteConnection {
        if let connection { return connection }
        let fresh = try SQLiteConnection(path: path, isReader: false, configuration: configuration)
        log.watch(fresh)
        connection = fresh
        return fresh
    }

    func rest() {
        if let connection { log.afterCommit(connection) }
    }

    func end() { connection = nil }
}
