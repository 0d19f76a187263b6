import Glibc

/// Reads the files of a backup one after the other. Blocks: for a thread of its own.
final class ArchiveReader {
    private static let piece = 1 << 20

    private let file: Int32
    private let path: String

    init(_ path: String) throws(StorageError) {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("cannot open \(path)", errno) }
        self.path = path
    }

    deinit { close(file) }

    /// The next file; nil at the end mark, and where the bytes are no header.
    func next() throws(StorageError) -> TarHeader? { TarHeader(try DurableFile.read(file, count: TarHeader.size, path)) }

    /// The file's bytes in pieces, all of which must be taken before the next header is read. Throws `damaged_backup` when the archive ends before.
    func content(of header: TarHeader, _ take: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        var rest = header.count
        while rest > 0 {
            let bytes = try DurableFile.read(file, count: min(rest, Self.piece), path)
            guard !bytes.isEmpty else { throw damaged("it ends within \(header.name)") }
            try take(bytes)
            rest -= bytes.count
        }
        _ = try DurableFile.read(file, count: header.padding, path)
    }

    /// A small file at once.
    func whole(_ header: TarHeader) throws(StorageError) -> [UInt8] {
        var all: [UInt8] = []
        try content(of: header) { all += $0 }
        return all
    }

    func damaged(_ how: String) -> StorageError {
        StorageError(.damagedBackup, "the backup \(path) is damaged: \(how); use another copy of it, or another backup", cause: path)
    }
}
