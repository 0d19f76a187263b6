import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// Everything that serves one store, started and stopped in order. The only place that knows every type.
final class RunningNode: Sendable {
    let projectName: String
    let isRehearsal: Bool
    let address: String
    let logFormat: LogFormat
    private let isServing: Bool
    private let parts: NodeParts
    private let services: Task<Void, Never>

    /// Starts in this order: project, environment, lock, store, engine, doors. Whatever is wrong stops it before a port opens.
    ///
    /// - Parameters:
    ///   - purpose: Unless it performs runs, those without an end wait for the next start.
    ///   - servers: Of tools; it waits for the lists of those that nobody has met.
    static func start(
        _ context: CommandContext,
        opensPort: Bool,
        to purpose: NodePurpose = .begin,
        as role: NodeRole? = nil,
        meeting servers: ServersToMeet = .all
    ) async throws -> RunningNode {
        var loaded = try await ProjectLoading.load(context, to: purpose)
        if purpose.performsRuns { loaded.meets = servers }
        if opensPort { try loaded.settings.takeRole(role, loaded.project) }
        _ = try loaded.settings.redisAddress()
        let parts = try await NodeParts.open(loaded, logsRuns: opensPort)
        if opensPort { parts.tellMissingDatabases(of: loaded) }
        let bound = try await parts.openDoors(loaded.settings, opensPort: opensPort)
        // Ended and awaited by `stop`.
        let services = Task { await parts.run(performsRuns: purpose.performsRuns, firesSchedules: opensPort) }
        return RunningNode(parts, loaded.settings, address: bound, isServing: opensPort, services: services)
    }

    private init(_ parts: NodeParts, _ settings: NodeSettings, address: String, isServing: Bool, services: Task<Void, Never>) {
        self.parts = parts
        self.address = address
        self.isServing = isServing
        self.services = services
        logFormat = settings.logFormat
        projectName = parts.projectName
        isRehearsal = parts.isRehearsal
    }

    /// Drains: no new work, steps in flight finish or go on with the next start, then the store closes.
    func stop() async {
        if isServing { parts.logger.info("Draining", ["runs": .int(Int64(parts.engine.activeRuns))]) }
        await parts.drain()
        services.cancel()
        await services.value
        await parts.close()
        if isServing { parts.logger.info("Stopped") }
    }

    /// Signs in whoever sees the terminal; nil when people sign in by themselves.
    /// Nobody opens the page of a node that performs runs for others.
    func signInLink() async throws -> String? {
        parts.role == .worker ? nil : try await parts.server.signInLink(isLoopback: parts.isLoopback)
    }

    /// What the start found of runs without an end, once it has looked; nil when there were none.
    func recoveryText(_ language: Language) async -> String? { await parts.engine.recoveryReport()?.text?(language) }
}
