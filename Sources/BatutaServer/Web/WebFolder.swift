import BatutaStorage
import Glibc

/// The page's files in a folder of this machine, for those who work on the page (`--web-root`). Nothing outside the folder can be read:
/// every part of a path is opened by itself, below the one before, and never through a symbolic link.
struct WebFolder: Sendable {
    let path: String

    static let largestFile = 64 << 20

    /// A regular file below the folder; nil when there is none, or the way to it leads through a link. Blocks for the time of a read.
    func file(_ path: String) -> WebFile? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(Self.isName), let bytes = read(parts) else { return nil }
        return WebFile(contentType: WebFile.contentType(of: path), hash: Digest.hex(Digest.sha256(bytes)), identity: bytes)
    }

    private static func isName(_ part: String) -> Bool { !part.isEmpty && part != "." && part != ".." && !part.utf8.contains(0) }

    private func read(_ parts: [String]) -> [UInt8]? {
        var place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if place >= 0 { close(place) } }
        for (index, part) in parts.enumerated() where place >= 0 {
            let isLast = index == parts.count - 1
            let next = openat(place, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY))
            close(place)
            place = next
        }
        return place >= 0 ? Self.content(of: place) : nil
    }

    private static func content(of file: Int32) -> [UInt8]? {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestFile else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, filled in
            while filled < buffer.count, !failed {
                let count = Glibc.read(file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
                if count > 0 { filled += count } else if count == 0 { break } else { failed = errno != EINTR }
            }
        }
        return failed ? nil : bytes
    }
}
