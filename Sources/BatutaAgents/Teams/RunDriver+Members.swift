import BatutaCore
import BatutaRuns
import BatutaTools

/// Members: runs that this run asks for work, each with a log and a row of its own (DESIGN §3).
extension RunDriver {
    /// Sees calls through that other runs do, and whatever is under way beside them, and goes on with each as it comes.
    mutating func performWithOthers(_ first: [RunAction]) async throws {
        let crew = Crew(of: handle)
        let pause = earlyPause(after: LateDraft(Draft(), writer))
        crew.begin { pause.post() }
        defer { crew.end() }
        do {
            try await perform(first, with: crew, pause)
        } catch {
            pause.close()
            await see(crew, through: error)
            throw error
        }
        if handle.cause == nil { try await recallDoubts() }
    }

    private mutating func perform(_ first: [RunAction], with crew: Crew, _ pause: EarlyPause) async throws {
        var actions = first
        var saysPaused = false
        while true {
            try await begin(decided(actions), crew)
            guard !underWay.isEmpty else { break }
            try await commit()
            for news in await crew.news() { await take(news) }
            if !saysPaused, await pause.isInLog {
                saysPaused = true
                state.apply(.status(StatusEvent(.paused)), at: services.clock.now())
            }
            takeInput()
            actions = handle.cause == nil && !handle.isPausedFromAbove && !handle.isLeaving ? nextActions : []
        }
        pause.close()
        if !saysPaused, await pause.isInLog { state.apply(.status(StatusEvent(.paused)), at: services.clock.now()) }
    }

    /// The store failed while others were at work: they come to their end, and what is known of it is kept on the handle. Whoever folds the
    /// run next would otherwise take their calls for lost, and could not cut them.
    private mutating func see(_ crew: Crew, through error: any Error) async {
        if let error = error as? RunsError, error.code == .leaseLost { handle.cut(.leaseLost) }
        while !underWay.isEmpty {
            for news in await crew.news() {
                switch news {
                case .input: break
                case .came(let call, _), .rested(let call, _, _): underWay.remove(call)
                }
            }
        }
    }

    // MARK: What begins

    /// Lets calls leave: those of members with their runs, the others as ever.
    private mutating func begin(_ actions: [RunAction], _ crew: Crew) async throws {
        if case .finish = actions.first, !underWay.isEmpty {
            isEnding = true
            return crew.end(.stop)
        }
        var leaving: [Departure] = []
        for action in await consult(actions) {
            if goOn(action, &leaving) { continue }
            switch action {
            case .recordResult(let call, let result): emitResult(of: call, await keeper.kept(Self.withNote(result, call), of: call))
            case .askHuman(let call, let reason): ask(about: call, reason)
            case .callTool(let call): leaving.append(Departure(call, settles: false))
            case .settleTool(let call): leaving.append(Departure(call, settles: true))
            default: break
            }
        }
        var openings: [CallID: RunOpening] = [:]
        var starting: [(Departure, Run)] = []
        for departure in leaving {
            guard departure.state.call.childRunID != nil else {
                if !departure.settles { emitIntent(departure.state) }
                continue
            }
            guard let member = member(for: departure.state) else { continue }
            if departure.state.phase != .intended { openings[departure.state.id] = emitOpening(of: member, for: departure.state) }
            starting.append((departure, member))
        }
        try await commit()
        for departure in leaving where departure.state.call.childRunID == nil { start(departure, crew) }
        for (departure, member) in starting { start(departure.state.id, member, openings[departure.state.id], crew) }
    }

    private mutating func start(_ departure: Departure, _ crew: Crew) {
        let id = departure.state.id
        handle.know(nil, of: id)
        underWay.insert(id)
        let posting = ResultPosting(
            writer: writer,
            event: event(.agentSwitch(agent: run.agent)),
            handle: handle,
            late: LateDraft(Draft(), writer)
        )
        let work = CallWork(tools: services.tools, registry: agent.tools, keeper: keeper, posting: posting)
        let call = toolCall(departure.state)
        crew.start(id, on: services.executor) {
            let outcome = await Self.perform(departure, call, work)
            posting.keep(outcome.state, outcome.kept)
            return .came(id, outcome)
        }
    }

    private mutating func start(_ call: CallID, _ member: Run, _ opening: RunOpening?, _ crew: Crew) {
        guard let members else { return }
        if ledger == nil { beginTree() }
        underWay.insert(call)
        resting[call] = nil
        _ = handle.takeHeard(member.id)
        crew.startMember(call, on: services.executor) {
            .rested(call, member.id, await members.drive(member, opening, call, crew))
        }
    }

    // MARK: A member's run

    /// The run that does what a call asks for; nil, with a result that says so, when nobody can.
    private mutating func member(for call: CallState) -> Run? {
        guard let id = call.call.childRunID else { return nil }
        guard let delegation = delegation(of: call), let agent = project.agent(for: delegation.target) else {
            let failure = ToolResult.failure("Nobody of this name is there to do this; ask somebody else.", code: "unknown_target")
            emitResult(of: call, KeptResult(result: failure))
            return nil
        }
        guard handle.depth < Self.deepest else {
            let words = "Agents asked each other \(Self.deepest) levels deep; this one was not asked any more."
            emitResult(of: call, KeptResult(result: .failure(words, code: "too_deep")))
            return nil
        }
        var member = Run(
            id: id,
            sessionID: run.sessionID,
            owner: run.owner,
            target: agent.target,
            agent: agent.definition.name,
            projectHash: run.projectHash,
            isRehearsal: run.isRehearsal,
            variables: variables(of: agent),
            createdAt: services.clock.now()
        )
        member.parentRunID = run.id
        member.rootRunID = run.rootRunID
        return member
    }

    /// Levels of runs below the first one.
    private static let deepest = 10

    private func delegation(of call: CallState) -> Delegation? {
        if let node = call.call.node { return nodeDelegation(node, call) }
        return agent.tools.delegation(of: call.call.tool, call.arguments)
    }

    /// What the member's own variables take from the user's profile, under what this run began with.
    private func variables(of agent: RunnableAgent) -> JSON {
        var values = project.variables(of: agent, from: person?.profile ?? [:])
        for (name, value) in run.variables.object ?? [:] { values[name] = value }
        return .object(values)
    }

    /// Puts the beginning of a member's run into the next commit, beside the intent of its call.
    private mutating func emitOpening(of member: Run, for call: CallState) -> RunOpening {
        emitIntent(call)
        handle.know(nil, of: call.id)
        let delegation = delegation(of: call)
        let message = MessageEvent(
            messageID: MessageID.make(at: services.clock.now(), random: services.random),
            role: .user,
            content: delegation?.task ?? "",
            attachments: delegation?.passesFiles == true ? state.prompt?.attachments ?? [] : []
        )
        let events: [EventData] = [
            .status(StatusEvent(.queued, project: member.projectHash, rehearsal: member.isRehearsal)), .message(message),
            .agentSwitch(agent: member.agent),
        ]
        for data in events {
            outbox.events.append(NewEvent(runID: member.id, parentRunID: run.id, agent: member.agent, data))
        }
        outbox.projections.append(RunProjections.insertion(of: member))
        let now = services.clock.now()
        return RunOpening(events: events.map { PastEvent(data: $0, at: now) })
    }

    // MARK: What comes back

    private mutating func take(_ news: Crew.News) async {
        switch news {
        case .input: break
        case .came(let call, let outcome):
            underWay.remove(call)
            take(outcome)
        case .rested(let call, let member, let rest):
            underWay.remove(call)
            await take(rest, of: member, for: call)
        }
    }

    private mutating func take(_ rest: MemberRest, of member: RunID, for id: CallID) async {
        switch rest {
        case .ended(let outcome, let taken):
            guard let call = state.call(id), handle.cause != .leaseLost else { return }
            var result = Self.result(outcome, call.call.tool)
            result.duration = (call.firstIntentAt ?? state.lastAt).duration(to: services.clock.now())
            emitResult(of: call, await keeper.kept(Self.withNote(result, call), of: call), taken: taken)
        case .awaitsHuman, .paused:
            if !handle.takeHeard(member) { resting[id] = rest }
        case .pausedFromAbove:
            if isBeingPaused, !handle.takeHeard(member) { resting[id] = rest }
        case .left:
            resting[id] = rest
            // It leaves this node, and so does whoever waits for it.
            handle.drainAtBoundary()
        }
    }

    /// A member's end as the result of the call that asked for it.
    static func result(_ outcome: RunOutcome, _ tool: String) -> ToolResult {
        switch outcome {
        case .completed(let output, _): .success(value(of: output))
        case .cancelled: .failure("The member was stopped before it had an answer.", code: RunState.stopped)
        case .failed(let code, let message): .failure(message, code: code)
        }
    }

    /// An answer that is a JSON object is one for expressions as well; anything else is text.
    static func value(of output: String) -> JSON {
        guard output.utf8.first == UInt8(ascii: "{"), let json = try? JSON.parse(output), json.object != nil else { return .string(output) }
        return json
    }

    /// Whether this run, or one above it, is paused, in force or about to be.
    private var isBeingPaused: Bool { handle.isPausedFromAbove || state.pauseRequested || handle.cause == .pause }

    // MARK: Above and below

    /// A stop that came from above goes to the log, so that it holds over a crash; members that have something to do again are asked anew.
    mutating func hearFromAboveAndBelow() {
        if isMember, handle.cause == .stop, !state.stopRequested, !state.status.isEnded {
            emit(.status(StatusEvent(word: StatusEvent.stopping)))
        }
        guard !resting.isEmpty else { return }
        if !isBeingPaused { resting = resting.filter { if case .pausedFromAbove = $0.value { false } else { true } } }
        for call in resting.keys where state.call(call)?.call.childRunID.map(handle.takeHeard) == true { resting[call] = nil }
    }

    /// Whether somewhere in the team a person is asked; otherwise somebody paused a member.
    var waitsForHuman: Bool {
        guard !state.asksHuman, !resting.isEmpty else { return true }
        return resting.values.contains { if case .awaitsHuman = $0 { true } else { false } }
    }

    /// Members end before the run that asked them (API §5, Turns).
    mutating func stopMembers() async throws {
        guard let members, let round = state.rounds.last else { return }
        let open = round.calls.filter(\.isDelegated)
        guard !open.isEmpty else { return }
        try await commit()
        let ends = try await Self.ends(of: open, members)
        for call in open {
            guard let taken = ends[call.id] else { continue }
            let stopped = ToolResult.failure("The team's run ended before this member had an answer.", code: RunState.stopped)
            emitResult(of: call, KeptResult(result: stopped), taken: taken)
        }
    }

    /// What each member had taken when it ended; all are told before any is waited for. One that never began is not among them.
    private static func ends(of calls: [CallState], _ members: Members) async throws -> [CallID: TreeUse] {
        try await withThrowingTaskGroup(of: (CallID, TreeUse?).self) { group in
            for call in calls {
                guard let member = call.call.childRunID else { continue }
                group.addTask { (call.id, try await members.stop(member)) }
            }
            return try await group.reduce(into: [:]) { ends, end in ends[end.0] = end.1 }
        }
    }

    /// What a person is told, or only the run above.
    mutating func say(_ text: String, as message: MessageID) {
        guard !isMember else { return }
        outbox.messages.append(NewMessage(id: message, runID: run.id, role: .assistant, content: text))
    }

    /// Ends the run with the answer of another.
    mutating func relay(_ output: String) async throws {
        let message = MessageID.make(at: services.clock.now(), random: services.random)
        if !output.isEmpty { emit(.content(messageID: message, delta: output)) }
        emit(.message(MessageEvent(messageID: message, role: .assistant, content: output)))
        say(output, as: message)
        try await finish(.completed(output: output, .stop))
    }

    // MARK: Limits of the tree

    /// The first member is asked: from now on what any run of the tree takes is counted together.
    private mutating func beginTree() {
        let ledger = TreeLedger(state.limits, workLeft: state.limits.workTime - state.workTime, at: services.clock.now())
        ledger.join(run.id, state.taken)
        self.ledger = ledger
        handle.tree = ledger
    }

    /// Counts a model call on the whole tree; gives how the run ends when a limit of the tree is reached.
    func refusalOfTree() -> RunOutcome? {
        guard let ledger else { return nil }
        ledger.join(run.id, state.taken)
        return ledger.admitModelCall(at: services.clock.now())
    }

    /// The work time that is left to the tree.
    var treeTime: Duration { ledger?.timeLeft(at: services.clock.now()) ?? state.limits.workTime }
}
