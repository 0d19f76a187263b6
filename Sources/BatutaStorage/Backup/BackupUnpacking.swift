import Glibc

/// Unpacks one archive into a new folder: every file as its sum says, all of them, and the tables sound.
struct BackupUnpacking {
    private let reader: ArchiveReader
    private let path: String
    private let folder: String

    init(_ path: String, into folder: String) throws(StorageError) {
        reader = try ArchiveReader(path)
        self.path = path
        self.folder = folder
    }

    func run() throws(StorageError) -> BackupManifest {
        let (manifest, sum) = try readManifest()
        try DiskSpace.require(DurableFile.size(path) ?? 0, in: DurableFile.folder(of: folder), for: "the restored store")
        try DurableFile.makeFolder(folder)
        try DurableFile.makeFolder("\(folder)/\(BackupArchive.blobs)")
        var sums = [BackupArchive.manifest: sum]
        while true {
            guard let header = try reader.next() else { throw reader.damaged("it was cut short") }
            if header.name == BackupArchive.sums {
                try check(sums, against: try reader.whole(header))
                break
            }
            guard BackupArchive.isContent(header.name), sums[header.name] == nil else {
                throw reader.damaged("\(header.name.prefix(100).debugDescription) does not belong there")
            }
            sums[header.name] = try unpack(header)
        }
        guard sums[BackupArchive.store] != nil else { throw reader.damaged("it has no tables") }
        try flushFolders()
        try checkTables()
        return manifest
    }

    private func readManifest() throws(StorageError) -> (BackupManifest, String) {
        guard let header = try reader.next(), header.name == BackupArchive.manifest, header.count <= 64 << 20 else { throw foreign }
        let bytes = try reader.whole(header)
        guard let manifest = BackupManifest(bytes) else { throw foreign }
        guard manifest.format <= BackupManifest.newestFormat else {
            throw StorageError(
                .newerBackup,
                "the backup \(path) was written by Batuta \(manifest.program), in a form that this version does not read: use that version or a newer one",
                cause: path
            )
        }
        return (manifest, Digest.hex(Digest.sha256(bytes)))
    }

    private var foreign: StorageError {
        StorageError(.foreignBackup, "\(path) is no backup of Batuta: batuta backup FILE writes one", cause: path)
    }

    private func unpack(_ header: TarHeader) throws(StorageError) -> String {
        let target = "\(folder)/\(header.name)"
        if header.name != BackupArchive.store { try DurableFile.makeFolder(DurableFile.folder(of: target)) }
        let file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .system("cannot create \(target)", errno) }
        defer { close(file) }
        let digest = RunningDigest()
        try reader.content(of: header) { bytes throws(StorageError) in
            digest.add(bytes)
            try DurableFile.append(bytes, to: file, target)
        }
        guard fsync(file) == 0 else { throw .system("cannot flush \(target)", errno) }
        return Digest.hex(digest.finish())
    }

    private func check(_ sums: [String: String], against text: [UInt8]) throws(StorageError) {
        var left = sums
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let name = String(line.dropFirst(66))
            guard let found = left.removeValue(forKey: name) else { throw reader.damaged("\(name.prefix(100)) is missing") }
            guard found == line.prefix(64) else { throw reader.damaged("\(name) was changed") }
        }
        if let stranger = left.keys.min() { throw reader.damaged("\(stranger) does not belong there") }
    }

    private func flushFolders() throws(StorageError) {
        let blobs = "\(folder)/\(BackupArchive.blobs)"
        for name in DurableFile.entries(blobs) { try DurableFile.flushFolder("\(blobs)/\(name)") }
        try DurableFile.flushFolder(blobs)
        try DurableFile.flushFolder(folder)
    }

    private func checkTables() throws(StorageError) {
        let path = "\(folder)/\(BackupArchive.store)"
        let said: String?
        do {
            let connection = try SQLiteConnection(path: path, isReader: false, configuration: SQLiteConfiguration(mode: .admin))
            said = try connection.run("PRAGMA quick_check(1)").returned.first?.text(0)
        } catch  where error.code == .corrupt || error.code == .misuse {
            said = error.cause
        }
        guard said == "ok" else { throw reader.damaged("its tables are not sound (\(said ?? "no answer"))") }
    }
}
