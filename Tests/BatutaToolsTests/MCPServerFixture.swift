import BatutaCore
import BatutaTelemetry
import BatutaTesting
import Foundation

@testable import BatutaTools

/// The server of the tests (`Tests/Support/MCPServer`), with a folder in which it leaves traces.
struct MCPServerFixture: Sendable {
    let folder: TemporaryFolder
    let log = MemorySink()

    init() { folder = TemporaryFolder() }

    static let script = #filePath.replacing("BatutaToolsTests/MCPServerFixture.swift", with: "Support/MCPServer/mcp_server.py")

    /// Of the machine where there is one: shims of version managers take long to start.
    static let python = ProgramSearch.find("/usr/bin/python3", path: "") ?? ProgramSearch.find("python3", path: "/usr/local/bin:/usr/bin")

    func server(era: String) -> MCPServerDefinition {
        let words = [Self.python ?? "/usr/bin/python3", Self.script, "--era", era, "--state", folder.path]
        return MCPServerDefinition(name: "docs", place: .command(words, environment: [:]))
    }

    func link(
        era: String = "both",
        environment: [String: String] = [:],
        longestMessage: Int = 8 << 20,
        onToolsChanged: @escaping @Sendable () -> Void = {}
    ) -> StdioLink {
        let launch = ProcessLaunch(
            program: Self.python ?? "/usr/bin/python3",
            arguments: [Self.script, "--era", era, "--state", folder.path],
            environment: environment
        )
        var configuration = StdioLink.Configuration(name: "docs") { .success(launch) }
        // One that answers is never asked the older question, however slow the machine.
        configuration.probeLimit = era == "silent" ? .milliseconds(500) : .seconds(60)
        configuration.longestMessage = longestMessage
        configuration.onToolsChanged = onToolsChanged
        configuration.logger = Logger(level: .debug, sink: log)
        return StdioLink(configuration)
    }

    /// A file in which the server leaves traces, line by line.
    func lines(_ name: String) -> [String] {
        let text = (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
    }
}

extension MCPServerDefinition {
    static func test(_ rules: [Rule] = [], trustsHints: Bool = false) -> MCPServerDefinition {
        MCPServerDefinition(name: "docs", place: .command(["x"], environment: [:]), rules: rules, trustsHints: trustsHints)
    }
}

extension MCPToolDescription {
    static func test(_ name: String, _ more: JSONObject = [:]) -> MCPToolDescription {
        var json: JSONObject = ["name": .string(name), "description": "A tool.", "inputSchema": ["type": "object"]]
        for (key, value) in more { json[key] = value }
        guard let description = MCPToolDescription(.object(json)) else { fatalError("no description") }
        return description
    }
}
