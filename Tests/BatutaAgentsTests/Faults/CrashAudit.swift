import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Foundation
import Testing

/// What a run left behind: its log, its rows, and what it did to the world.
struct CrashAudit: Sendable {
    var run: Run
    /// The runs below it.
    var members: [Run]
    var events: [LoggedEvent]
    var data: [EventData]
    var approvals: [Approval]
    var messages: [Message]
    var effects: [Effect]

    struct Effect: Sendable, Hashable {
        var tool: String
        var key: String
        var call: String
    }

    static func read(_ folder: TemporaryFolder, on kind: StoreEngine = .sqlite) async throws -> CrashAudit {
        let database = try await kind.open(in: folder)
        let found = try await RunStore(database: database).list(owner: nil, status: nil, session: nil, before: nil, limit: 100)
        #expect(found.count { $0.parentRunID == nil } == 1)
        let run = try #require(found.first { $0.parentRunID == nil })
        let events = try await EventPages(database: database).read(run.sessionID, after: 0, limit: 10_000)
        let leaf = try await SessionStore(database: database).find(run.sessionID, owner: nil)?.leaf
        let audit = CrashAudit(
            run: run,
            members: found.filter { $0.parentRunID != nil },
            events: events,
            data: try events.map { try $0.data() },
            approvals: try await ApprovalStore(database: database).list(owner: nil, state: nil, limit: 100),
            messages: try await MessageStore(database: database).branch(run.sessionID, endingAt: try #require(leaf), limit: 100),
            effects: effects(folder.path + "/effects")
        )
        await database.close()
        return audit
    }

    private static func effects(_ path: String) -> [Effect] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return words.count == 3 ? Effect(tool: words[0], key: words[1], call: words[2]) : nil
        }
    }

    // MARK: Counting

    func intents(of call: CallID) -> Int {
        data.count { data in
            guard case .step(let step) = data, case .toolIntent(call, _) = step.kind else { return false }
            return true
        }
    }

    func results(of call: CallID) -> Int {
        data.count { data in
            guard case .toolResult(let result) = data else { return false }
            return result.callID == call
        }
    }

    var calls: [ToolCallEvent] {
        data.compactMap { data in
            guard case .toolCall(let call) = data else { return nil }
            return call
        }
    }

    /// How often a human said yes to this call.
    func approved(_ call: String) -> Int { approvals.count { $0.callID.rawValue == call && $0.state == .approved } }
}
