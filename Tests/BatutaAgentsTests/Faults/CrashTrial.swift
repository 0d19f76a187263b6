import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// One run that is killed as told, started again until it comes to rest, and then looked at.
struct CrashTrial: Sendable, CustomTestStringConvertible {
    enum Kill: Sendable, CustomStringConvertible {
        case write(WriteMoment, Int)
        /// In the first call of a tool.
        case call(tool: String, afterEffect: Bool)

        var orders: [String] {
            switch self {
            case .write(let moment, let number): ["--kill", moment.rawValue, "\(number)"]
            case .call(let tool, let afterEffect): [afterEffect ? "--die-after" : "--die-before", tool]
            }
        }

        var description: String { orders.dropFirst().joined(separator: " ") }
    }

    /// One for each life; the life after the last is not killed.
    var kills: [Kill]
    /// How an uncertain effect is decided.
    var approvesUncertain = true
    var kind = StoreEngine.sqlite
    /// Who plays: `alone`, `team`, `graph`.
    var play = "alone"

    var testDescription: String { (play == "alone" ? "" : play + ", ") + kills.map(\.description).joined(separator: ", ") }

    /// Whether every kill was reached, and what the run left behind.
    struct Outcome: Sendable {
        var wasKilled: Bool
        var lives: [SubjectProcess]
        var askedUncertain: Bool
        var audit: CrashAudit
    }

    func play() async throws -> Outcome {
        let folder = TemporaryFolder()
        var lives: [SubjectProcess] = []
        for kill in kills {
            lives.append(try await live(folder, lives, kill.orders))
            if case .exited = lives.last?.ending { break }
        }
        let wasKilled = lives.allSatisfy { $0.ending == .killed(SIGKILL) }
        if wasKilled { lives.append(try await live(folder, lives)) }
        let asked = lives.last?.ending == .exited(4)
        if asked {
            try await standsAtOneQuestion(folder)
            lives.append(try await live(folder, lives, ["--uncertain", approvesUncertain ? "approve" : "reject"]))
        }
        #expect(lives.last?.ending == .exited(0), "\(testDescription): the last life did not see the run's end")
        return Outcome(wasKilled: wasKilled, lives: lives, askedUncertain: asked, audit: try await CrashAudit.read(folder, on: kind))
    }

    private func live(_ folder: TemporaryFolder, _ earlier: [SubjectProcess], _ orders: [String] = []) async throws -> SubjectProcess {
        let last = try earlier.flatMap(\.seen).last.map(Self.number) ?? 0
        let common = [folder.path, "--after", "\(last)", "--play", play]
        return try await SubjectProcess.live(common + orders, on: try await Self.url(of: folder, on: kind))
    }

    /// The one place where a run may stop: between intent and result of a call that is critical and not idempotent.
    private func standsAtOneQuestion(_ folder: TemporaryFolder) async throws {
        let audit = try await CrashAudit.read(folder, on: kind)
        let open = audit.approvals.filter { $0.state == .requested }
        #expect(open.count == 1, "\(testDescription): \(open.count) questions are open")
        #expect(open.first?.reason == .uncertainEffect && open.first?.tool == "pay", "\(testDescription)")
        #expect(audit.run.status == .pendingApproval, "\(testDescription)")
        let call = try #require(open.first?.callID)
        #expect(audit.intents(of: call) == 1 && audit.results(of: call) == 0, "\(testDescription)")
    }

    /// Where a subject of that folder finds its store.
    static func url(of folder: TemporaryFolder, on kind: StoreEngine) async throws -> String? {
        kind == .postgres ? try await PostgresCluster.shared().configuration(for: folder).url : nil
    }

    private static func number(_ envelope: [UInt8]) throws -> Int64 { try JSON.parse(envelope)["id"]?.int ?? 0 }
}

private let SIGKILL: Int32 = 9
