public import BatutaStorage
import Foundation
import Glibc

/// A Redis server of the tests' own, from Debian's packages: on a free port of the loopback, gone when this process is, however that ends.
public final class RedisServer: Sendable {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    private static let started = Task { try await RedisServer() }

    /// The one that all tests of this process share; started at the first call.
    public static func shared() async throws -> RedisServer { try await started.value }

    public let port: Int
    private let password: String?
    /// The script that looks after the server, the pipe that it reads orders from, which also keeps it waiting, and the one in which it answers.
    private let guardian: SpawnedProcess
    private let orders: Int32
    private let answers: Int32

    /// - Parameters:
    ///   - password: Asked of everybody.
    ///   - options: More of what `redis-server` takes.
    public init(password: String? = nil, options: [String] = []) async throws {
        let (binary, port) = (try Self.findBinary(), try LoopbackSocket.freePort())
        (self.port, self.password) = (port, password)
        let (input, output) = (try Pipe(), try Pipe())
        let secret = password.map { ["--requirepass", $0] } ?? []
        guardian = try SpawnedProcess(
            "/bin/bash",
            ["-c", Self.script, "guardian", TemporaryFolder.make(), binary, String(port)] + secret + options,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"],
            folder: "/",
            files: (input.reading, output.writing, nil)
        )
        (orders, answers) = (input.writing, output.reading)
        close(input.reading)
        close(output.writing)
        try await start()
    }

    /// `redis://127.0.0.1:PORT`, with the password when there is one.
    public var url: String { "redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)" }

    public func address() throws -> RedisAddress { try RedisAddress(url) }

    public func start() async throws { try await order("start") }
    /// As a crash does; what it knew is gone.
    public func kill() async throws { try await order("kill") }
    /// It stays connected and says nothing.
    public func freeze() async throws { try await order("freeze") }
    public func thaw() async throws { try await order("thaw") }

    /// Ends the server and removes its folder. The shared one needs no call: it ends with the process.
    public func stop() async {
        close(orders)
        _ = await guardian.end()
        close(answers)
    }

    private func order(_ word: String) async throws {
        let (orders, answers) = (orders, answers)
        let answer = await Blocking.run { () -> String in
            guard write(orders, word + "\n", word.utf8.count + 1) > 0 else { return "the guardian is gone" }
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while read(answers, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard answer == "done" else { throw Missing(description: "the tests' own Redis does not \(word): \(answer)") }
    }

    /// The server and the checker of its files are one program, which goes by the name that it is called by. `redis-tools` has it without a service
    /// that the machine would start.
    private static func findBinary() throws -> String {
        let names = ["/usr/bin/redis-server", "/usr/bin/redis-check-rdb"]
        let found = names.first { (path: String) in access(path, X_OK) == 0 }
        guard let found else {
            throw Missing(description: "these tests need Redis: run scripts/bootstrap --tests, or apt-get install redis-tools")
        }
        return found
    }

    private static let script = """
        trap : INT TERM HUP
        for file in /proc/$$/fd/*; do number=${file##*/}; if ((number > 2)); then eval "exec $number>&-"; fi; done
        folder=$1 binary=$2 port=$3
        shift 3
        cd "$folder"
        start() {
            (exec -a redis-server "$binary" --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$folder" "$@") \\
                </dev/null >"$folder/redis.log" 2>&1 &
            server=$!
            for ((tries = 0; tries < 200; tries++)); do
                if grep -q "eady to accept connections" "$folder/redis.log"; then echo done; return; fi
                if ! kill -0 "$server" 2>/dev/null; then break; fi
                sleep 0.05
            done
            tail -n 1 "$folder/redis.log"
        }
        while read -r order; do
            case $order in
            start) start "$@" ;;
            kill) kill -KILL "$server"; wait "$server" 2>/dev/null; echo done ;;
            freeze) kill -STOP "$server"; echo done ;;
            thaw) kill -CONT "$server"; echo done ;;
            esac
        done
        kill -KILL "$server" 2>/dev/null
        cd /
        rm -rf "$folder"
        """
}
