import BatutaTesting
import Foundation

/// One life of the crash subject: from its start to its own end or its kill.
struct SubjectProcess: Sendable {
    /// The envelopes that its client was shown, whole lines only.
    var seen: [[UInt8]]
    var ending: SpawnedProcess.Ending

    static func live(_ arguments: [String]) async throws -> SubjectProcess {
        let outcome = try await SpawnedProcess.run(
            executable,
            arguments,
            environment: ProcessInfo.processInfo.environment,
            folder: FileManager.default.currentDirectoryPath
        )
        return SubjectProcess(seen: lines(Array(outcome.output.utf8)), ending: outcome.ending)
    }

    private static func lines(_ output: [UInt8]) -> [[UInt8]] {
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
