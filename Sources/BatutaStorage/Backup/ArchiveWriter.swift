import BatutaCore
import Glibc

/// Writes the files of a backup one after the other, and their sums at the end. Blocks: for a thread of its own.
final class ArchiveWriter {
    private static let piece = 1 << 20

    private let file: Int32
    private let path: String
    private let modified: Int64
    private var sums = ""
    private(set) var written = 0

    /// - Parameter file: An open, empty file.
    init(_ file: Int32, _ path: String, modified: Timestamp) {
        self.file = file
        self.path = path
        self.modified = modified.milliseconds / 1_000
    }

    func add(_ bytes: [UInt8], as name: String) throws(StorageError) {
        let header = TarHeader(name: name, count: bytes.count, modified: modified)
        try put(header.bytes + bytes + [UInt8](repeating: 0, count: header.padding))
        note(Digest.sha256(bytes), name)
    }

    /// Adds a file as long as it is when this begins. False when it is not there.
    func add(file source: String, as name: String) throws(StorageError) -> Bool {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        if input < 0, errno == ENOENT { return false }
        guard input >= 0 else { throw .system("cannot open \(source)", errno) }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0 else { throw .system("cannot read \(source)", errno) }
        let header = TarHeader(name: name, count: Int(status.st_size), modified: modified)
        try put(header.bytes)
        let digest = RunningDigest()
        var rest = header.count
        while rest > 0 {
            let bytes = try DurableFile.read(input, count: min(rest, Self.piece), source)
            guard !bytes.isEmpty else { throw StorageError(.io, "\(source) became shorter while it was read; try again") }
            digest.add(bytes)
            try put(bytes)
            rest -= bytes.count
        }
        try put([UInt8](repeating: 0, count: header.padding))
        note(digest.finish(), name)
        return true
    }

    /// Adds the sums and the end mark. Everything is on disk when this returns.
    func finish() throws(StorageError) {
        try add(Array(sums.utf8), as: BackupArchive.sums)
        try put([UInt8](repeating: 0, count: 2 * TarHeader.size))
        guard fsync(file) == 0 else { throw .system("cannot flush \(path)", errno) }
    }

    private func note(_ digest: [UInt8], _ name: String) { sums += "\(Digest.hex(digest))  \(name)\n" }

    private func put(_ bytes: [UInt8]) throws(StorageError) {
        try DurableFile.append(bytes, to: file, path)
        written += bytes.count
    }
}
