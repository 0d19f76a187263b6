import Glibc

/// The files of large blobs: `<folder>/ab/abcdef…`, written by one thread, so that no two changes of a file overlap.
final class BlobFiles: Sendable {
    /// Files younger than this are left alone by the sweep. By the machine's clock, as files are.
    private static let grace = 3_600

    private let store: String
    private let folder: String
    private let mailbox = Mailbox<@Sendable () -> Void>(maximumCount: 1_024)

    /// - Parameter store: The store's folder.
    init(store: String) throws(StorageError) {
        self.store = store
        folder = store + "/blobs"
        let mailbox = mailbox
        try WorkerThread("batuta-blobs") { while let work = mailbox.takeOne() { work() } }.detach()
    }

    deinit { mailbox.close() }

    /// The file whose lock a sweep holds alone, and backups together.
    static func sweepLock(in store: String) -> String { store + "/sweep.lock" }

    /// The right to sweep; nil while a backup reads the files, or another sweeps.
    func sweepTurn() async throws(StorageError) -> FileLock? {
        let path = Self.sweepLock(in: store)
        return try await onThread { () throws(StorageError) in try FileLock(path) }
    }

    /// On disk, with its folder's entry, when this returns. A file that is there already becomes young again.
    func write(_ bytes: [UInt8], as hash: BlobHash) async throws(StorageError) {
        let folder = folder(of: hash), path = path(of: hash), root = self.folder
        try await onThread { () throws(StorageError) in
            if DurableFile.size(path) == bytes.count, DurableFile.touch(path) { return }
            try DurableFile.makeFolder(root)
            try DurableFile.makeFolder(folder)
            try DurableFile.write(bytes, to: path, in: folder)
        }
    }

    /// Where blobs are while they come in.
    var incoming: String { folder + "/incoming" }

    func makeIncoming() throws(StorageError) {
        try DurableFile.makeFolder(folder)
        try DurableFile.makeFolder(incoming)
    }

    /// Takes a flushed file in under its name; one that is there already becomes young again. On the thread only.
    func adopt(_ file: String, as hash: BlobHash) throws(StorageError) {
        if DurableFile.size(path(of: hash)) == DurableFile.size(file), DurableFile.touch(path(of: hash)) {
            unlink(file)
            return
        }
        try DurableFile.makeFolder(folder(of: hash))
        try DurableFile.move(file, to: path(of: hash), in: folder(of: hash))
    }

    func read(_ hash: BlobHash, at offset: Int, count: Int) async throws(StorageError) -> [UInt8] {
        let path = path(of: hash)
        return try await onThread { () throws(StorageError) in try DurableFile.read(path, at: offset, count: count) }
    }

    func read(_ hash: BlobHash) async throws(StorageError) -> [UInt8] {
        let path = path(of: hash)
        return try await onThread { () throws(StorageError) in try DurableFile.read(path) }
    }

    /// The hashes whose files the sweep may look at.
    func old() async throws(StorageError) -> [BlobHash] {
        let (root, incoming) = (folder, incoming)
        return try await onThread { () throws(StorageError) in
            // What came in no further than this.
            for name in DurableFile.entries(incoming) where DurableFile.age("\(incoming)/\(name)") > Self.grace {
                unlink("\(incoming)/\(name)")
            }
            return DurableFile.entries(root).filter { $0.utf8.count == 2 }.flatMap { prefix in
                DurableFile.entries("\(root)/\(prefix)").filter { DurableFile.age("\(root)/\(prefix)/\($0)") > Self.grace }.compactMap {
                    BlobHash($0)
                }
            }
        }
    }

    /// Removes the files that are still old: one that was asked for in the meantime is young.
    func removeIfOld(_ hashes: [BlobHash]) async throws(StorageError) {
        let paths = hashes.map(path)
        try await onThread { () throws(StorageError) in
            for path in paths where DurableFile.age(path) > Self.grace { unlink(path) }
        }
    }

    private func folder(of hash: BlobHash) -> String { "\(folder)/\(hash.description.prefix(2))" }

    private func path(of hash: BlobHash) -> String { "\(folder(of: hash))/\(hash)" }

    func onThread<T: Sendable>(_ body: @escaping @Sendable () throws(StorageError) -> T) async throws(StorageError) -> T {
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            switch mailbox.put({ continuation.resume(returning: Result(catching: body)) }) {
            case .accepted: break
            case .full:
                continuation.resume(
                    returning: .failure(StorageError(.overloaded, "too many files wait for the disk; try again in a moment"))
                )
            case .closed: continuation.resume(returning: .failure(.databaseClosed))
            }
        }
        return try result.get()
    }
}
