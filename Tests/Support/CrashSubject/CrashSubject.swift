import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Glibc

/// A node with one scripted run and one client, that kills itself at a write of the tests' choice.
///
/// Started again on the same folder it goes on. What the client is shown goes to standard output, a line an event, at once. Exit codes: 0 the run
/// ended, 4 it waits for a human about an effect that nobody is certain of.
@main
struct CrashSubject {
    let orders: Orders
    let bench: EngineBench

    static func main() async throws {
        guard let orders = Orders(Array(CommandLine.arguments.dropFirst())) else {
            print(
                "usage: crash-subject FOLDER [--after N] [--kill before|after|delivered N] [--die-before TOOL] [--die-after TOOL] [--uncertain approve|reject] [--play team|graph]"
            )
            exit(2)
        }
        // Alone in its file, or a node whose lease ends soon after it fell silent.
        let isShared = getenv(PostgresCluster.variable) != nil
        let tools = Script.tools(effects: EffectFile(path: orders.folder + "/effects", fatal: orders.fatal))
        let bench = try await EngineBench(
            on: isShared ? .postgres : .sqlite,
            model: orders.play.model,
            tools: tools,
            folder: TemporaryFolder(keeping: orders.folder),
            store: orders.disturb,
            sharing: isShared
                ? SessionLeases.Terms(life: .seconds(2), heartbeat: .milliseconds(300), looking: .milliseconds(100)) : nil,
            configure: { orders.play.arrange(&$0, tools) }
        )
        exit(try await CrashSubject(orders: orders, bench: bench).play())
    }

    private func play() async throws -> Int32 {
        let run = try await run()
        let client = Client(of: run.id)
        _ = try await bench.log.subscribe(to: run.sessionID, after: orders.after, sink: client)
        for await _ in client.news {
            if client.sawEnd { return 0 }
            guard let now = try await bench.run(run.id) else { continue }
            if now.status.isEnded, try await bench.log.lastEvent(of: run.sessionID) == orders.after { return 0 }
            if try await answer(), now.status == .pendingApproval { return 4 }
        }
        return 1
    }

    /// The one run; the message is sent when no node has accepted it yet.
    private func run() async throws -> Run {
        let found = try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 100)
        if let run = found.first(where: { $0.parentRunID == nil }) { return run }
        let session = try bench.engine.makeSession(owner: "usr_test", target: nil)
        let accepted = try await bench.engine.accept(.init(content: Script.request), in: session, isNew: true)
        guard let run = try await bench.run(accepted.runID) else { throw EngineLost() }
        return run
    }

    /// Answers what is asked; true when a question about an uncertain effect is left open.
    private func answer() async throws -> Bool {
        var isOpen = false
        for approval in try await bench.pendingApprovals() {
            let isUncertain = approval.reason == .uncertainEffect
            guard let approve = isUncertain ? orders.uncertain : true else {
                isOpen = true
                continue
            }
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: approve, by: "subject"))
        }
        return isOpen
    }
}

struct EngineLost: Error {}
