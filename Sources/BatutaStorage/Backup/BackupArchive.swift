/// What a backup is made of: one tar archive with these files, in this order (docs/guides/backup.md).
enum BackupArchive {
    /// What the rest is, as JSON.
    static let manifest = "batuta-backup.json"
    /// The tables, as a SQLite database of its own.
    static let store = "store.db"
    /// Large blobs, as in the store's folder: `blobs/ab/abcdef…`.
    static let blobs = "blobs"
    /// The SHA-256 of every file before it, in the form of `sha256sum`. An archive without it was cut short.
    static let sums = "SHA256SUMS"

    static func name(of blob: BlobHash) -> String { "\(blobs)/\(blob.description.prefix(2))/\(blob)" }

    /// Whether a file of this name may lie in the archive, between the manifest and the sums.
    static func isContent(_ name: String) -> Bool {
        if name == store { return true }
        guard let hash = name.split(separator: "/").last.flatMap({ BlobHash(String($0)) }) else { return false }
        return name == self.name(of: hash)
    }
}
