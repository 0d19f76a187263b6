import Glibc

extension StorageError {
    /// A failed call of the operating system.
    static func system(_ what: String, _ number: Int32) -> StorageError {
        let cause = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT: return StorageError(.full, "\(what): the disk is full; free some space", cause: cause)
        case EROFS, EACCES, EPERM: return StorageError(.readOnly, "\(what): check its owner, permissions and mount options", cause: cause)
        case ENOENT, ENOTDIR: return StorageError(.notFound, "\(what): there is no such file or folder", cause: cause)
        default: return StorageError(.io, "\(what): check the path and the disk", cause: cause)
        }
    }
}
