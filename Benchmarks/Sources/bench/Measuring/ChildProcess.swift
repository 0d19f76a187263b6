import CFloor
import Glibc

/// A process of ours, talked to by lines: what it must not cost the measured process lives there. It ends when its standard input does.
final class ChildProcess {
    let pid: Int32
    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []

    init(_ program: String, _ arguments: [String], environment: [String] = []) throws {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard cfloor_pipe(&toChild) == 0, cfloor_pipe(&fromChild) == 0 else { throw BenchError("no pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var pid: pid_t = 0
        let code = Self.withCStrings([program] + arguments) { words in
            Self.withCStrings(Self.inherited + environment) { posix_spawn(&pid, program, &actions, nil, words, $0) }
        }
        close(toChild[0])
        close(fromChild[1])
        guard code == 0 else { throw BenchError("\(program) does not start: errno \(code)") }
        self.pid = pid
        input = toChild[1]
        output = fromChild[0]
    }

    /// This program again, in another part.
    convenience init(part: String, _ arguments: [String] = []) throws {
        try self.init(try Self.ownProgram(), [part] + arguments)
    }

    /// This program's file.
    static func ownProgram() throws -> String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        guard count > 0 else { throw BenchError("this program's own file is not known: errno \(errno)") }
        return String(decoding: path.prefix(count), as: UTF8.self)
    }

    /// The next line it writes; nil at its end.
    func readLine() -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return nil }
            pending += buffer.prefix(count)
        }
    }

    func send(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(input, bytes, bytes.count)
    }

    /// Ends it and waits for its end.
    func stop(signal: Int32? = nil) {
        close(input)
        if let signal { kill(pid, signal) }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(output)
    }

    private static var inherited: [String] {
        var all: [String] = []
        var place = environ
        while let entry = place.pointee {
            all.append(String(cString: entry))
            place += 1
        }
        return all
    }

    private static func withCStrings<T>(_ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
