import BatutaCore
import BatutaTesting
import Foundation

/// Runs the program that was just built, as a shell would.
struct Program {
    let folder = TemporaryFolder()
    var environment: [String: String] = ["LANG": "en_US.UTF-8", "PATH": "/usr/bin:/bin"]

    struct Outcome: Sendable {
        var code: Int32
        var out: String
        var error: String
    }

    static var path: String {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let folder = bundle?.deletingLastPathComponent() ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("batuta").path
    }

    /// Runs to the end, with what it printed.
    func run(_ arguments: String..., input: String = "") async throws -> Outcome { try await run(all: arguments, input: input) }

    func run(all arguments: [String], input: String = "") async throws -> Outcome {
        let outcome = try await SpawnedProcess.run(
            Self.path,
            arguments,
            environment: environment,
            folder: folder.path,
            input: input
        )
        guard case .exited(let code) = outcome.ending else { throw Killed(description: "\(outcome.ending): \(outcome.error)") }
        return Outcome(code: code, out: outcome.output, error: outcome.error)
    }

    struct Killed: Error, CustomStringConvertible { let description: String }

    /// Makes the hello project in the folder `hello`.
    func makeHello() async throws { _ = try await run("new", folder.path + "/hello") }

    var hello: String { folder.path + "/hello" }

    func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: folder.path + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// - Parameter output: Where both of its outputs go; nowhere without one.
    func start(_ arguments: [String], output: Int32? = nil) throws -> SpawnedProcess {
        try start(Self.path, arguments, output: output)
    }

    /// Another program that becomes this one.
    func start(_ path: String, _ arguments: [String], output: Int32? = nil) throws -> SpawnedProcess {
        try SpawnedProcess(
            path,
            arguments,
            environment: environment,
            folder: folder.path,
            files: (input: nil, output: output, error: output)
        )
    }
}
