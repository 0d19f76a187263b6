import Glibc

/// `batuta serve` as a process of its own, on a new project whose model is the simulator.
final class Server {
    let port: Int
    /// From before the process was made until `/readyz` answered 200.
    let secondsToReady: Double
    private let folder: StoreFolder
    private let process: ChildProcess
    private let program: String

    /// - Parameters:
    ///   - model: What the simulator is asked for.
    ///   - tools: Files of tools that the agent has, by their names.
    ///   - earlier: Whose project and store it goes on with.
    init(
        _ options: Options,
        simulator port: Int,
        model: String = "text-20",
        tools: [(name: String, yaml: String)] = [],
        after earlier: Server? = nil
    ) throws {
        folder = try earlier?.folder ?? StoreFolder(in: options.folder)
        program = options.batuta
        if earlier == nil { try Self.write(batutaYAML(simulator: port, model: model), tools, in: folder.path) }
        self.port = try Self.freePort()
        let start = monotonicSeconds()
        process = try ChildProcess(program, ["serve", "--project", folder.path, "--port", String(self.port), "--log-level", "error"])
        do {
            try Self.waitUntilReady(self.port, since: start)
        } catch {
            process.stop(signal: SIGKILL)
            throw error
        }
        secondsToReady = monotonicSeconds() - start
    }

    private static func write(_ project: String, _ tools: [(name: String, yaml: String)], in folder: String) throws {
        try write(project, to: folder + "/batuta.yaml")
        for name in ["agents", "tools"] {
            guard mkdir(folder + "/" + name, 0o755) == 0 else { throw BenchError("no folder for \(name): errno \(errno)") }
        }
        try write(assistant(tools: tools.map(\.name)), to: folder + "/agents/assistant.md")
        for tool in tools { try write(tool.yaml, to: folder + "/tools/\(tool.name).yaml") }
    }

    /// Ends it at once, as a crash would.
    func kill() { process.stop(signal: SIGKILL) }

    /// Drains it and waits for its end.
    func stop() { process.stop(signal: SIGTERM) }

    func statistics() throws -> ProcessStatistics {
        guard let statistics = ProcessStatistics(pid: process.pid) else { throw BenchError("the server is gone") }
        return statistics
    }

    /// A request that carries a key.
    func request(_ method: String, _ path: String, key: String = "", body: String = "", accept: String = "*/*") -> [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Accept: \(accept)"]
        if !key.isEmpty { lines.append("Authorization: Bearer \(key)") }
        if !body.isEmpty { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// Makes an API key, with the command that an operator uses.
    func makeKey() throws -> String {
        let command = try ChildProcess(program, ["key", "create", "bench", "--role", "member", "--project", folder.path])
        defer { command.stop() }
        guard let key = command.readLine()?.split(separator: " ").last, key.hasPrefix("bat_") else { throw BenchError("no key was made") }
        return String(key)
    }

    private static func waitUntilReady(_ port: Int, since start: Double) throws {
        while monotonicSeconds() - start < 30 {
            if let connection = try? LoadConnection(port: port) {
                let answer = try connection.ask(Array("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8))
                if answer.contains("200 OK") { return }
            }
            usleep(500)
        }
        throw BenchError("the server is not ready after 30 s")
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw BenchError("no socket: errno \(errno)") }
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, length) == 0 && getsockname(probe, $0, &length) == 0
            }
        }
        guard isBound else { throw BenchError("no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw BenchError("\(path) cannot be written: errno \(errno)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw BenchError("\(path) cannot be written: errno \(errno)") }
    }
}

/// The limit on creating runs is one of a project; what is measured here is the server behind it.
private func batutaYAML(simulator port: Int, model: String) -> String {
    """
    name: bench
    default: agent:assistant
    models:
      default: { provider: simulator, model: \(model) }
    providers:
      simulator: { kind: openai, base_url: "http://127.0.0.1:\(port)/v1" }
    rate_limits: { runs: 1000000/second }

    """
}

private func assistant(tools: [String]) -> String {
    """
    ---
    name: assistant
    description: Answers questions.
    model: default
    tools: [\(tools.joined(separator: ", "))]
    ---
    You are a careful assistant. Answer in one sentence.

    """
}
