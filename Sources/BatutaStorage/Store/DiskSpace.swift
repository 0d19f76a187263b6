import Glibc

/// Room on a disk, looked at before work that takes much of it.
package enum DiskSpace {
    /// Bytes that this process may still write on the disk of a folder; nil when nobody can tell.
    package static func free(in folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, isTooMuch) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
        return isTooMuch ? .max : bytes
    }

    /// Refuses work for which the disk has no room.
    static func require(_ needed: Int, in folder: String, for what: String) throws(StorageError) {
        guard let free = free(in: folder), free < needed else { return }
        let (want, have) = ((needed >> 20) + 1, free >> 20)
        throw StorageError(
            .full,
            "\(what) needs about \(want) MiB in \(folder), where \(have) MiB are free; make room, or choose another disk"
        )
    }
}
