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
        let process = process(arguments)
        let (out, error, stdin) = (Pipe(), Pipe(), Pipe())
        try process.run(
            input: stdin.fileHandleForReading.fileDescriptor,
            output: out.fileHandleForWriting.fileDescriptor,
            error: error.fileHandleForWriting.fileDescriptor
        )
        for end in [stdin.fileHandleForReading, out.fileHandleForWriting, error.fileHandleForWriting] { try end.close() }
        async let outText = Self.text(out)
        async let errorText = Self.text(error)
        // Fails when the program ended without reading, which is its right.
        try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let texts = await (outText, errorText)
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, out: texts.0, error: texts.1)
    }

    /// Makes the hello project in the folder `hello`.
    func makeHello() async throws { _ = try await run("new", folder.path + "/hello") }

    var hello: String { folder.path + "/hello" }

    func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: folder.path + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func process(_ arguments: [String]) -> ProgramProcess {
        ProgramProcess(Self.path, arguments, environment: environment, folder: folder.path)
    }

    private static func text(_ pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }
}
