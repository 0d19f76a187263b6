import Glibc

/// Takes a blob in piece by piece: never more of it in memory than fits a row, the rest goes to disk as it comes.
///
/// One piece after the other. What is neither finished nor abandoned leaves a file that the sweep removes after an hour.
// SAFETY: everything changes only on the blobs' thread, in calls that their caller awaits one after the other.
public final class BlobWriter: @unchecked Sendable {
    private let files: BlobFiles
    private let mac: RunningHMAC
    private let path: String
    private var small: [UInt8] = []
    private var descriptor: Int32 = -1
    private var size = 0

    init(_ files: BlobFiles, key: [UInt8]) {
        self.files = files
        mac = RunningHMAC(key: key)
        path = files.incoming + "/" + Digest.hex(Digest.randomBytes(16))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public func write(_ bytes: [UInt8]) async throws(StorageError) {
        try await files.onThread { () throws(StorageError) in
            self.mac.add(bytes)
            self.size += bytes.count
            self.small += bytes
            if self.descriptor >= 0 || self.small.count > BlobStore.rowLimit { try self.spill() }
        }
    }

    /// Ready to be put into a batch; durable when this returns.
    public func finish() async throws(StorageError) -> PreparedBlob {
        try await files.onThread { () throws(StorageError) in
            guard let hash = BlobHash(bytes: self.mac.finish()) else { preconditionFailure("an HMAC-SHA-256 has 32 bytes") }
            guard self.descriptor >= 0 else { return PreparedBlob(hash: hash, size: self.size, content: self.small) }
            guard fsync(self.descriptor) == 0 else { throw .system("cannot flush \(self.path)", errno) }
            try self.files.adopt(self.path, as: hash)
            return PreparedBlob(hash: hash, size: self.size, content: nil)
        }
    }

    /// Lets go of what was written.
    public func abandon() async {
        _ = try? await files.onThread { () throws(StorageError) in _ = unlink(self.path) }
    }

    private func spill() throws(StorageError) {
        if descriptor < 0 {
            try files.makeIncoming()
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .system("cannot create \(path)", errno) }
        }
        try DurableFile.append(small, to: descriptor, path)
        small = []
    }
}
