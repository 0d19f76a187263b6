import Foundation
import Glibc

/// Sockets on 127.0.0.1 that no child inherits.
enum LoopbackSocket {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Listens on a port that is free.
    static func listen() throws -> (file: Int32, port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
        var address = place(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, size) == 0 && Glibc.listen(file, 64) == 0 && getsockname(file, $0, &size) == 0
            }
        }
        guard isBound else {
            close(file)
            throw Failure(description: "no port: errno \(errno)")
        }
        return (file, Int(UInt16(bigEndian: address.sin_port)))
    }

    static func place(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
