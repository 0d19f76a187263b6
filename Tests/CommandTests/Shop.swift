import BatutaCore
import BatutaHTTP
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// A project with a simulated model and a tool that asks before it pays.
struct Shop {
    var program = Program()
    let model: ModelSimulator
    var folder: String { program.folder.path + "/shop" }

    init() throws {
        model = try ModelSimulator().start()
        try program.write(
            """
            name: shop
            default: agent:clerk
            providers: { local: { kind: openai, base_url: "\(model.baseURL)", api_key: none } }
            models: { default: { provider: local, model: text-5 } }
            """,
            to: "shop/batuta.yaml"
        )
        try program.write("---\nname: clerk\ndescription: Sells.\ntools: [pay]\n---\nYou sell.\n", to: "shop/agents/clerk.md")
        try program.write(
            """
            description: Pays.
            effect: critical
            parameters: { type: object, properties: { amount: { type: integer } }, required: [amount] }
            http: { method: POST, url: "http://127.0.0.1:1/pay", body: { amount: "${params.amount}" } }
            """,
            to: "shop/tools/pay.yaml"
        )
    }

    func run(_ words: String...) async throws -> Program.Outcome { try await program.run(all: words + ["--project", folder]) }

    /// A server, with everything that it prints.
    ///
    /// - Parameter other: A copy of the project; the shop's own folder unless given.
    func serve(_ more: String..., copy other: String? = nil) async throws -> Served {
        let folder = other ?? folder
        let output = URL(fileURLWithPath: program.folder.path + "/printed-\(UUID().uuidString).txt")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        defer { try? handle.close() }
        let process = try program.start(["serve", "--project", folder, "--port", "0"] + more, output: handle.fileDescriptor)
        let served = Served(process: process, output: output, socket: folder + "/.batuta/sock")
        // Lines of the log may stand between and behind those of the start.
        try await served.waitFor { text in text.firstRange(of: "batuta chat").map { text[$0.upperBound...].contains("\n\n") } == true }
        return served
    }

    struct Served {
        let process: SpawnedProcess
        let output: URL
        let socket: String

        var printed: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        func waitFor(_ isThere: @Sendable (String) -> Bool) async throws {
            do { try await Deadline.look(.seconds(60), for: "such line") { isThere(printed) } } catch {
                process.signal(SIGKILL)
                throw Program.Killed(description: "\(error): \(printed)")
            }
        }

        func end(_ signal: Int32) async {
            process.signal(signal)
            _ = await process.end()
        }

        /// Asks through the socket, as whoever holds the machine.
        ///
        /// - Parameter key: Whoever's key it is asks instead.
        func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil, once: String? = nil) async throws -> JSON {
            try JSON.parse(try await answer(method, path, body, key: key, once: once))
        }

        func delete(_ path: String) async throws { _ = try await answer("DELETE", path, nil) }

        func text(_ path: String) async throws -> String { String(decoding: try await answer("GET", path, nil), as: UTF8.self) }

        private func answer(_ method: String, _ path: String, _ body: JSON?, key: String? = nil, once: String? = nil) async throws
            -> [UInt8]
        {
            let client = try HTTPClient()
            defer { client.shutdown() }
            var request = ClientRequest(method: method, url: "http://batuta" + path, body: body?.bytes)
            request.unixSocket = socket
            if let once { request.headers.add("Idempotency-Key", once) }
            if let key { request.headers.add("Authorization", "Bearer \(key)") }
            return try await client.fetch(request).body
        }
    }
}
