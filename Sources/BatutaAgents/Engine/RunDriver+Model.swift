import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTools

extension RunDriver {
    /// Asks the model once: request to the log, then out; deltas to the log as they come; then the answer, or why there is none.
    mutating func callModel(step: Int, attempt: Int) async throws {
        do {
            guard try await request(step: step, attempt: attempt) else { return }
        } catch let error as ExpressionError {
            // Part of the log, which is written once and in English.
            let message = "The instructions of \(run.agent) could not be filled in: \(error.message.english)"
            return try await finish(.failed(code: RunErrorCode.invalidVariables.rawValue, message: message))
        }
        if try await takeKept() { return }
        try await commit()
        try await ask()
    }

    /// Waits until a model that failed may be asked again. Nothing is set aside meanwhile: what never leaves costs nothing, whatever becomes of
    /// this node.
    ///
    /// - Returns: false when the run was cut meanwhile.
    mutating func waitToAsk(until moment: Timestamp?) async throws -> Bool {
        guard let moment else { return true }
        // Another node's clock may be ahead: what was to be a second is no hour.
        let pause = min(max(services.clock.now(), state.lastAt).duration(to: moment), timeLeft)
        guard pause > .zero else { return true }
        try await commit()
        await handle.pause(for: pause)
        return handle.cause == nil && !handle.isLeaving
    }

    /// Says in the log what the model is about to be asked.
    ///
    /// - Returns: false when the run was cut before that, or ends because there is no money for it.
    mutating func request(step: Int, attempt: Int) async throws -> Bool {
        if prompt == nil {
            guard try await recall() else { return false }
        }
        guard try await arrangeTurns(), try await lookForKept() else { return false }
        let messageID = MessageID.make(at: services.clock.now(), random: services.random)
        let parameters = try await parametersReference()
        guard try await payForQuestion() else { return false }
        // The members are done: whoever asked them is at work again.
        if attempt == 1, state.rounds.last?.calls.contains(where: { $0.call.childRunID != nil }) == true {
            emit(.agentSwitch(agent: run.agent))
        }
        let kind = StepEvent.Kind.modelRequest(messageID: messageID), reserved = purse.call?.reservedNanoUSD
        emit(
            .step(StepEvent(kind, step: step, attempt: attempt, ref: parameters, model: modelName, reservedNanoUSD: reserved))
        )
        return true
    }

    /// - Returns: false when the run ends for want of money, or was cut while it waited for some.
    private mutating func payForQuestion() async throws -> Bool {
        // What is given again costs nothing.
        if cached?.kept != nil { return true }
        switch try await reserve(for: model.settings, bytes: questionSize, arranged ?? []) {
        case .paid: return true
        case .refused(let refusal): refuse(refusal)
        case .late(let refusal): endWaiting(for: refusal)
        case .cut: break
        }
        // Who waits for the same answer asks for itself.
        cached = nil
        return false
    }

    /// The question that is in the log leaves.
    private mutating func ask() async throws {
        guard let asking = state.asking, let call = purse.call else { return }
        handle.forgetCalls()
        let deltas = deltaSink(asking.messageID)
        var request = modelRequest()
        arranged = nil
        request.timeLimit = timeLeft
        let result = await handle.perform(on: services.executor) { [request, provider = model.provider] in
            await call.answer(request, of: provider) { deltas.take($0) }
        }
        switch result {
        case .success(let answer): try await accept(answer, to: asking, deltas.finish(answer.text), of: request.settings)
        case .failure(let error):
            deltas.flush()
            letOthersAsk(after: error)
            settle(error, heardBytes: deltas.heardBytes)
            giveUp(error, on: asking)
        }
    }

    /// The first question was committed together with the message: it leaves, unless the run was stopped meanwhile.
    mutating func askNow(_ asked: RenderedPrompt) async throws {
        takeInput()
        guard !state.stopRequested, !handle.isLeaving, handle.cause == nil else { return stayBehind() }
        prompt = asked
        try await ask()
    }

    /// The question that is in the log does not leave, so it costs nothing; whoever goes on with the run asks it.
    private mutating func stayBehind() {
        guard let asking = state.asking else { return }
        let note = ModelAnswerNote(accepted: false, retryInMilliseconds: 0)
        emit(.step(StepEvent(.modelAnswer(note), step: asking.step, attempt: asking.attempt)))
        purse.call?.settleUnasked()
        closeCall()
    }

    func deltaSink(_ messageID: MessageID) -> DeltaSink {
        DeltaSink(
            writer: writer,
            event: event(.content(messageID: messageID, delta: "")),
            messageID: messageID,
            secrets: project.secretPatterns,
            executor: services.executor
        )
    }

    func modelRequest() -> ModelRequest {
        var request = ModelRequest(
            settings: model.settings,
            agent: run.agent,
            system: prompt?.system ?? "",
            turns: (arranged ?? (prompt?.history ?? []) + Self.own(state.turns, prompt)).withWireNames,
            tools: agent.tools.offers
        )
        request.language = language
        request.output = agent.definition.output
        request.folded = state.folded
        request.conversation = run.sessionID.rawValue
        request.opaque = opaque
        return request
    }

    // MARK: Answer

    mutating func accept(
        _ answer: ModelAnswer,
        to asking: RunState.Asking,
        _ said: (text: String, rest: [EventData]),
        of settings: ModelSettings
    ) async throws {
        let text = said.text, messageID = asking.messageID, step = asking.step
        for piece in said.rest { emit(piece) }
        let check = answer.calls.isEmpty ? agent.definition.output?.check(text) : nil
        let note = ModelAnswerNote(
            accepted: true,
            calls: answer.calls.count,
            finishReason: answer.finishReason,
            suggestions: answer.suggestions,
            output: check
        )
        let kept = try await keepOpaque(of: answer)
        emit(.step(StepEvent(.modelAnswer(note), step: step, attempt: asking.attempt, ref: kept)))
        if case .misfit(_, let problems) = check {
            tellMisfit(problems)
        } else if !text.isEmpty || answer.calls.isEmpty {
            emit(.message(MessageEvent(messageID: messageID, role: .assistant, content: text)))
            say(text, as: messageID)
        }
        if let cached, let kept = cached.kept {
            settleKept(cached, kept, of: settings)
        } else {
            settle(answer)
        }
        for call in answer.calls { propose(call, step: step) }
        rememberOpaque(of: answer)
        keep(answer, said: text, fits: check == nil || check == .fits)
    }

    /// Readers drop the text, as that of any attempt that was given up: it is no answer of the run (`output_schema`). After the last attempt the
    /// run's end says it.
    private mutating func tellMisfit(_ problems: String) {
        guard state.asksForCorrection else { return }
        let message = "The answer does not fit the agent's output_schema: \(problems)."
        emit(.error(ErrorEvent(code: RunErrorCode.invalidOutput.rawValue, message: message, recoverable: true)))
    }

    /// A call becomes an event; one that cannot be made gets its result at once, and the model may correct itself (S3.30).
    private mutating func propose(_ call: ModelAnswer.ProposedCall, step: Int) {
        let id = CallID.make(at: services.clock.now(), random: services.random)
        let known = agent.tools.definition(of: call.tool)
        let name = known?.name ?? call.tool
        let effect = known?.effect ?? .read
        switch services.tools.validate(tool: call.tool, arguments: call.arguments, context: toolContext, in: agent.tools) {
        case .accepted(let arguments, let repairs):
            let masked = project.secretPatterns.masked(arguments)
            var event = ToolCallEvent(callID: id, tool: name, params: masked, effect: effect, step: step, repairs: repairs)
            if agent.tools.delegates(name) { event.childRunID = .child(of: id) }
            ledger?.addToolCall()
            emit(.toolCall(event))
        case .refused(let result):
            let params = project.secretPatterns.masked(Self.written(call.arguments))
            emit(.toolCall(ToolCallEvent(callID: id, tool: name, params: params, effect: effect, step: step)))
            emit(.toolResult(ToolResultEvent(callID: id, tool: name, result: result)))
        }
    }

    private static func written(_ arguments: ModelToolCall.Arguments) -> JSON {
        switch arguments {
        case .valid(let json): json
        case .malformed(let text): ["malformed_json": .string(text)]
        }
    }
}
