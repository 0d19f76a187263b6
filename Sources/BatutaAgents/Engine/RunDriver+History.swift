import BatutaCore
import BatutaRuns

/// What a run is told of the conversation before it.
struct Past: Sendable {
    /// Messages that it sees whole, oldest first.
    var turns: [ModelTurn] = []
    /// What stands for those before them.
    var summary = RunDriver.Gist()
    /// How many of them are in no words.
    var leftOut = 0

    /// The turns of a prompt before the run's own.
    func history(_ notes: [String]) -> [ModelTurn] {
        let opening = summary.text.map { [SummaryText.conversation($0)] } ?? []
        return opening + turns + notes.map { .assistant(text: $0, calls: []) }
    }
}

extension RunDriver {
    /// A message of the conversation, as a prompt shows it.
    private struct Told {
        var message: Message
        var turn: ModelTurn
        /// It came before the run's own message.
        var isBefore: Bool
        /// A summary that is there already holds it.
        var isSummed: Bool
    }

    /// Reads no more of the conversation than a prompt can show, or a summary needs (DESIGN §9.10).
    ///
    /// - Returns: nil when the run was cut while it asked for a summary.
    mutating func past(endingAt last: MessageID?, in window: ContextWindow, _ files: inout AttachedFiles) async throws -> Past? {
        guard let last else { return Past() }
        let wanted = agent.definition.historyTurns * 2
        let messages = try await services.messages.recent(
            run.sessionID,
            endingAt: last,
            keeping: wanted + 1,
            limit: wanted + 1 + (agent.definition.summary == .always ? Self.mostSummed : 0)
        )
        let told = try await told(messages, &files)
        let older = try await older(than: messages)
        var past = Past()
        past.summary.ref = agent.definition.summary == .never ? nil : (older + messages).last { $0.summary != nil }?.summary
        past.summary.text = try await text(of: past.summary.ref)
        let gone = try await self.told(older, &files).filter { !$0.isSummed } + select(from: told, wanted, in: window, into: &past)
        return try await sumUp(gone, into: past, in: window)
    }

    /// Sums up what has no room, the oldest first, in as many portions as it takes: each goes on from the one before.
    ///
    /// - Returns: nil when the run was cut meanwhile: whoever goes on begins after the last portion.
    private mutating func sumUp(_ gone: [Told], into past: Past, in window: ContextWindow) async throws -> Past? {
        var past = past, rest = gone[...]
        while let through = rest.prefix(Self.mostSummed).last?.message.id {
            let portion = rest.prefix(Self.mostSummed)
            let request = SummaryRequest(previous: past.summary.text, turns: portion.map(\.turn))
            let part = SummaryNote.Part.messages(through: through, count: portion.count)
            guard let gist = try await sumUp(part, request, past.summary, in: window) else { return nil }
            past.summary = gist
            guard !gist.isLeftOut else {
                past.leftOut = rest.count
                return past
            }
            rest = rest.dropFirst(portion.count)
        }
        return past
    }

    /// Messages that one summary takes in at most, when a conversation was long before anybody asked for one.
    private static let mostSummed = 400
    /// Of such portions: what is older still was never told to anybody.
    private static let mostPortions = 250

    /// What comes before the newest messages, when all of it is to be summed up and nobody has done so yet.
    private func older(than newest: [Message]) async throws -> [Message] {
        guard agent.definition.summary == .always, newest.count > Self.mostSummed else { return [] }
        var older: [Message] = []
        for _ in 0..<Self.mostPortions {
            guard let first = older.first ?? newest.first, !(older + newest).contains(where: { $0.summary != nil }) else { break }
            let page = try await services.messages.before(first, in: run.sessionID, limit: Self.mostSummed)
            guard !page.isEmpty else { break }
            older = page + older
        }
        return older
    }

    /// Turns of overhang that are kept whole until it is worth a summary.
    private var overhang: Int { 2 * max(1, agent.definition.historyTurns / 4) }

    /// Which messages the prompt shows; gives those that have to be summed up.
    private func select(from told: [Told], _ wanted: Int, in window: ContextWindow, into past: inout Past) -> [Told] {
        var whole = told.suffix(wanted)
        var gone = agent.definition.summary == .always ? told.dropLast(wanted).filter { !$0.isSummed } : []
        if gone.count < overhang {
            whole = told.suffix(wanted + gone.count)
            gone = []
        }
        let count = window.newest(of: whole.map(\.turn.size), summed: whole.prefix(while: \.isSummed).count)
        gone += whole.dropLast(count).filter { !$0.isSummed }
        past.turns = whole.suffix(count).map(\.turn)
        return gone.filter(\.isBefore)
    }

    /// The same messages as when the run began, for a prompt that is made again.
    func retold(_ count: Int, endingAt last: MessageID?, _ files: inout AttachedFiles) async throws -> [ModelTurn] {
        guard let last, count > 0 else { return [] }
        var limit = count + 1
        while true {
            let messages = try await services.messages.recent(run.sessionID, endingAt: last, keeping: limit, limit: limit)
            let told = try await told(messages, &files)
            // Messages in between that the run does not see.
            if told.count >= count || messages.count < limit { return told.suffix(count).map(\.turn) }
            limit *= 2
        }
    }

    /// Of what came after this run's own message only answers count: other users' messages there belong to runs that are queued behind it.
    private func told(_ messages: [Message], _ files: inout AttachedFiles) async throws -> [Told] {
        let summed = messages.lastIndex { $0.summary != nil }
        var told: [Told] = []
        var isAfterOwn = messages.contains { $0.runID == run.id }
        for (index, message) in messages.enumerated().reversed() {
            if message.runID == run.id {
                isAfterOwn = false
                continue
            }
            if isAfterOwn, message.role == .user { continue }
            let isUsers = message.role == .user
            let turn =
                isUsers ? try await files.turn(message.content, message.attachments) : .assistant(text: message.content, calls: [])
            told.append(Told(message: message, turn: turn, isBefore: !isAfterOwn, isSummed: summed.map { index <= $0 } ?? false))
        }
        return told.reversed()
    }
}
