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
            let hasRecorded = try await begin(decided(actions), crew)
            guard !underWay.isEmpty else { break }
            try await commit()
            // What has its result already, without a call, may lead further: that waits for nobody.
            if hasRecorded, mayBegin {
                actions = nextActions
                continue
            }
            for news in await crew.news() { await take(news) }
            if !saysPaused, await pause.isInLog {
                saysPaused = true
                state.apply(.status(StatusEvent(.paused)), at: services.clock.now())
            }
            takeInput()
            actions = mayBegin ? nextActions : []
        }
        pause.close()
        if !saysPaused, await pause.isInLog { state.apply(.status(StatusEvent(.paused)), at: services.clock.now()) }
    }

    /// Whether more may begin beside what is under way.
    private var mayBegin: Bool { handle.cause == nil && !handle.isPausedFromAbove && !handle.isLeaving }

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
    ///
    /// - Returns: Whether one of them has its result without that.
    private mutating func begin(_ actions: [RunAction], _ crew: Crew) async throws -> Bool {
        if case .finish = actions.first, !underWay.isEmpty {
            isEnding = true
            crew.end(.stop)
            return false
        }
        let open = actions.compactMap(\.call?.id)
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
        if !starting.isEmpty { try await boundMembers() }
        try await commit()
        for departure in leaving where departure.state.call.childRunID == nil { start(departure, crew) }
        for (departure, member) in starting { start(departure.state.id, member, openings[departure.state.id], crew) }
        return open.contains { state.call($0)?.result != nil }
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
        beginTree()
        underWay.insert(call)
        resting[call] = nil
        _ = handle.takeHeard(member.id)
        crew.startMember(call, on: services.executor) {
            .rested(call, member.id, await members.drive(member, opening, call, crew))
        }
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
}
