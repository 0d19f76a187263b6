import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTools

/// The servers of tools for whose lists a start waits when nobody has met them yet: what a first run can call must be known to it. The others
/// are met while the node is at work.
enum ServersToMeet: Sendable, Hashable {
    case all
    /// Nothing is asked of anybody outside.
    case none
    /// Those that one run can call.
    ///
    /// - Parameters:
    ///   - target: nil is the session's, or else the project's.
    ///   - session: The one that goes on; nil for a new one.
    case reached(by: String?, session: String?)

    func servers(of project: Project, in database: any Database) async throws -> [MCPServerDefinition] {
        switch self {
        case .all: return project.toolServers
        case .none: return []
        case .reached(let target, let session):
            // Most projects have none.
            guard !project.toolServers.isEmpty else { return [] }
            return project.toolServers(reachedBy: try await Self.target(target, session, database))
        }
    }

    private static func target(_ named: String?, _ session: String?, _ database: any Database) async throws -> String? {
        guard named == nil, let session else { return named }
        return try await SessionStore(database: database).find(SessionID(trusted: session), owner: nil)?.target
    }
}
