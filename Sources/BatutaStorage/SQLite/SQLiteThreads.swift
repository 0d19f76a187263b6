import Synchronization

/// Starts the threads of a database and ends them in order: readers, the second connection, then the writer, whose connection is the last and folds the log away.
final class SQLiteThreads: Sendable {
    private let log: WriteAheadLog
    private let writer: GroupWriter<SQLiteWritingEnd>
    private let readers: ReaderPool
    private let running = Mutex<[WorkerThread]>([])

    init(log: WriteAheadLog, writer: GroupWriter<SQLiteWritingEnd>, readers: ReaderPool) {
        self.log = log
        self.writer = writer
        self.readers = readers
    }

    func start(path: String, configuration: SQLiteConfiguration) throws(StorageError) {
        let log = log, writer = writer, readers = readers
        var threads: [WorkerThread] = []
        do {
            for number in 1...configuration.readers {
                let connection = try SQLiteConnection(path: path, isReader: true, configuration: configuration)
                threads.append(try WorkerThread("batuta-read-\(number)") { readers.run(connection) })
            }
            if configuration.mode == .owner {
                let connection = try SQLiteConnection(path: path, isReader: false, configuration: configuration)
                threads.append(try WorkerThread("batuta-fold") { log.run(connection) })
            }
            threads.append(try WorkerThread("batuta-write") { writer.run() })
        } catch {
            stop()
            throw error
        }
        running.withLock { $0 = threads }
    }

    func stop() {
        readers.close()
        log.close()
        writer.close()
    }

    /// Blocks until all has been written. A second caller returns at once.
    func stopAndWait() {
        var threads = running.withLock { threads in
            defer { threads = [] }
            return threads
        }
        readers.close()
        log.close()
        let last = threads.popLast()
        for thread in threads { thread.join() }
        // Connections that close at the same moment each take the other for one that stays, and then nobody folds the log.
        writer.close()
        last?.join()
    }
}
