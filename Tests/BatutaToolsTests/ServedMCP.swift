import BatutaHTTP
import BatutaTesting
import Synchronization
import Testing

@testable import BatutaTools

/// A server's process that speaks HTTP, which ends when this does, and a way to it.
final class ServedMCP: Sendable {
    let link: HTTPLink
    private let process: ToolProcess

    convenience init(
        _ fixture: MCPServerFixture,
        era: String,
        json: Bool = false,
        headers: [(name: String, value: String)] = [],
        onToolsChanged: @escaping @Sendable () -> Void = {}
    ) async throws {
        let arguments = [MCPServerFixture.script, "--http", "--era", era, "--state", fixture.folder.path] + (json ? ["--json"] : [])
        let launch = ProcessLaunch(program: MCPServerFixture.python ?? "", arguments: arguments, environment: [:])
        try await self.init(launch, headers: headers, onToolsChanged: onToolsChanged)
    }

    /// - Parameter launch: a program that prints its port.
    init(
        _ launch: ProcessLaunch,
        headers: [(name: String, value: String)] = [],
        onToolsChanged: @escaping @Sendable () -> Void = {}
    ) async throws {
        let loop = try #require(ProcessLoop.shared)
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        process = ToolProcess.start(launch, on: loop, longestLine: 1_000) { event in
            if case .line(.whole(let line)) = event, let port = Int(String(decoding: line, as: UTF8.self)) { announce.yield(port) }
            if case .ended = event { announce.finish() }
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        var configuration = HTTPLink.Configuration(name: "docs", client: try .test()) {
            .success(HTTPLink.Place(url: "http://127.0.0.1:\(port)/mcp", headers: headers))
        }
        configuration.onToolsChanged = onToolsChanged
        link = HTTPLink(configuration)
    }

    deinit { process.end(.politely) }
}

/// How often a server told of other tools.
final class ChangeCounter: Sendable {
    private let state = Mutex(0)

    var value: Int { state.withLock { $0 } }
    func add() { state.withLock { $0 += 1 } }
}
