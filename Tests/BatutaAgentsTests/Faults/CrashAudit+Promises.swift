import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// What must be true of every run, however often its node was killed (DESIGN §2, promises 2–4).
extension CrashAudit {
    func holdsPromises(_ lives: [SubjectProcess], _ name: String) {
        #expect(events.map(\.number) == Array(1...Int64(events.count)), "\(name): the numbers have gaps")
        let shown = lives.flatMap(\.seen)
        #expect(shown == events.map { $0.envelope(language: "en") }, "\(name): what the client saw, put together, is not the log")
        endsOnce(name)
        callsAreSettled(name)
        effectsAreRight(name)
        textIsWhole(name)
        rowsAgree(name)
    }

    /// The row of the table.
    func report(_ lives: [SubjectProcess]) throws -> FaultReport {
        let shown = try lives.flatMap(\.seen).compactMap { try JSON.parse($0)["id"]?.int }
        var report = FaultReport()
        report.runs = 1
        report.ended = run.status == .completed ? 1 : 0
        report.gaps = Int(events.last?.number ?? 0) - Set(shown).count
        report.duplicates = shown.count - Set(shown).count
        for (call, effects) in Dictionary(grouping: effects, by: \.call) {
            if effects[0].tool == "note" { report.effectsTwice += effects.count - 1 }
            if effects[0].tool == "pay" { report.effectsTwice += max(0, effects.count - approved(call)) }
        }
        return report
    }

    private func endsOnce(_ name: String) {
        let ends = data.indices.filter { index in
            switch data[index] {
            case .complete: true
            case .error(let error): !error.recoverable
            default: false
            }
        }
        #expect(ends.last == data.count - 1 && events.last?.runID == run.id, "\(name): the ends are at \(ends) of \(data.count)")
        #expect(ends.count == members.count + 1 && Set(ends.map { events[$0].runID }).count == ends.count, "\(name): \(ends.count) ends")
        for member in members {
            let last = events.last { $0.runID == member.id }?.number
            #expect(last == ends.map { events[$0] }.first { $0.runID == member.id }?.number, "\(name): something follows a member's end")
        }
        #expect(run.status == .completed, "\(name): the run is \(run.status)")
        #expect(members.allSatisfy { $0.status == .completed && $0.rootRunID == run.id }, "\(name)")
    }

    private func callsAreSettled(_ name: String) {
        for call in calls {
            #expect(results(of: call.callID) == 1, "\(name): \(call.tool) has \(results(of: call.callID)) results")
        }
        let tools = calls.filter { $0.childRunID == nil }.map(\.tool), expected = ["look", "set", "note", "look", "pay", "set", "note"]
        switch members.count {
        case 0: #expect(tools == expected, "\(name)")
        case 2: #expect(tools.sorted() == expected.sorted(), "\(name)")
        default: #expect(tools.isEmpty && members.count == 11 && Set(members.map(\.agent)).count == 11, "\(name): \(members.count) members")
        }
        #expect(calls.count { $0.childRunID != nil } == members.count, "\(name)")
    }

    private func effectsAreRight(_ name: String) {
        let inLog = Set(calls.map(\.callID.rawValue))
        for (call, effects) in Dictionary(grouping: effects, by: \.call) {
            let tool = effects[0].tool
            #expect(Set(effects.map(\.key)).count == 1, "\(name): \(tool) left under several keys")
            if tool == "look" { continue }
            #expect(inLog.contains(call) && intents(of: CallID(trusted: call)) >= effects.count, "\(name): \(tool) left before its intent")
            if tool == "note" { #expect(effects.count == 1, "\(name): note happened \(effects.count) times") }
            if tool == "pay" {
                #expect(effects.count <= approved(call), "\(name): pay happened \(effects.count) times for \(approved(call)) yes")
            }
        }
        if members.count < 11 { #expect(Set(effects.filter { $0.tool == "set" }.map(\.key)).count == 2, "\(name)") }
        resultsAgreeWithEffects(name)
    }

    /// A success happened; what is called uncertain may have happened or not; anything else did not happen.
    private func resultsAgreeWithEffects(_ name: String) {
        let delegated = Set(calls.filter { $0.childRunID != nil }.map(\.callID))
        for case .toolResult(let event) in data where !delegated.contains(event.callID) {
            let happened = effects.contains { $0.call == event.callID.rawValue }
            if event.result.success { #expect(happened, "\(name): \(event.tool) succeeded without an effect") }
            if !event.result.success { #expect(event.result.code == "uncertain_effect", "\(name): \(event.result)") }
        }
    }

    /// The deltas of every message, put together, are the message, byte for byte.
    private func textIsWhole(_ name: String) {
        var deltas: [MessageID: [UInt8]] = [:]
        for case .content(let id, let delta) in data { deltas[id, default: []] += Array(delta.utf8) }
        for case .message(let message) in data where message.role == .assistant {
            #expect(deltas[message.messageID] == Array(message.content.utf8), "\(name): \(message.content)")
        }
    }

    private func rowsAgree(_ name: String) {
        #expect(!approvals.contains { $0.state == .requested }, "\(name): a question is still open")
        for approval in approvals {
            let told = data.compactMap { data -> ApprovalState? in
                guard case .approval(let event) = data, event.approvalID == approval.id else { return nil }
                return event.state
            }
            #expect(told == [.requested, approval.state], "\(name): \(told)")
        }
        let written = zip(events, data).compactMap { event, data -> String? in
            guard case .message(let message) = data, event.runID == run.id else { return nil }
            return message.content
        }
        #expect(messages.map(\.content) == written, "\(name)")
        #expect(run.output == written.last, "\(name)")
    }
}
