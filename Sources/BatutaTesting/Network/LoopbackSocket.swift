import Foundation
import Glibc

/// Sockets on 127.0.0.1 that no child inherits.
public enum LoopbackSocket {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A port for a server that cannot be given a socket, and for one that is to come back on it. The system gives out those from 32,768 on by
    /// itself, so it is none of them.
    static func freePort() throws -> Int {
        for _ in 0..<100 {
            guard let (file, port) = try? listen(on: .random(in: 15_000..<32_000)) else { continue }
            close(file)
            return port
        }
        throw Failure(description: "no port is free")
    }

    /// Listens on a port that is free.
    static func listen(on port: Int = 0) throws -> (file: Int32, port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
        var address = place(port: port)
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

    public static func connect(port: Int) -> Int32? {
        var address = place(port: port)
        return connected(AF_INET) { file in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }

    static func connect(path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return connected(AF_UNIX) { file in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
        }
    }

    private static func connected(_ family: Int32, _ connect: (Int32) -> Bool) -> Int32? {
        let file = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return nil }
        if connect(file) { return file }
        close(file)
        return nil
    }

    /// All of it; false when the other end is gone.
    public static func send(_ bytes: ArraySlice<UInt8>, to file: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
