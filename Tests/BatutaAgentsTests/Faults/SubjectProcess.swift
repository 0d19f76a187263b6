import BatutaTesting
import Foundation

/// One life of the crash subject: from its start to its own end or its kill.
struct SubjectProcess: Sendable {
    /// The envelopes that its client was shown, whole lines only.
    var seen: [[UInt8]]
    var ending: SpawnedProcess.Ending

    /// - Parameter url: Of the PostgreSQL that its store lies in; nil: in a file of its folder.
    static func live(_ arguments: [String], on url: String? = nil) async throws -> SubjectProcess {
        let outcome = try await SpawnedProcess.run(
            executable,
            arguments,
            environment: environment(url),
            folder: FileManager.default.currentDirectoryPath
        )
        return SubjectProcess(seen: lines(Array(outcome.output.utf8)), ending: outcome.ending)
    }

    /// The same without waiting for its end; what its client is shown goes to a file.
    static func start(_ arguments: [String], on url: String?, output: Int32) throws -> SpawnedProcess {
        try SpawnedProcess(
            executable,
            arguments,
            environment: environment(url),
            folder: FileManager.default.currentDirectoryPath,
            files: (nil, output, nil)
        )
    }

    private static func environment(_ url: String?) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment[PostgresCluster.variable] = url
        return environment
    }

    static func lines(_ output: [UInt8]) -> [[UInt8]] {
        guard let end = output.lastIndex(of: 10) else { return [] }
        return output[..<end].split(separator: 10).map(Array.init)
    }

    /// Beside the test bundle in the build folder.
    private static let executable: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("crash-subject").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : bundlePath
    }()

    private static var bundlePath: String {
        let named = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: named).deletingLastPathComponent().appendingPathComponent("crash-subject").path
    }
}
