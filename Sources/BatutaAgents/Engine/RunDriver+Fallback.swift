import BatutaCore
import BatutaModels
import BatutaTelemetry

/// What becomes of a run whose model fails: another try, another model, or the end. It stands in the log before anything else happens, so
/// that whoever goes on after a crash goes on with the same model.
extension RunDriver {
    /// Who is asked now.
    var model: RunnableModel { agent.model(standIn: state.standIn) }

    /// The provider's name for it, for whatever is told of every event.
    var modelName: String { state.standIn == nil ? agent.definition.model.model : model.settings.model }

    mutating func giveUp(_ error: ModelError, on asking: RunState.Asking) {
        guard error.code != .cancelled, handle.cause != .leaseLost else { return }
        // What failed by itself is known to have failed, whatever else was wanted at the same moment.
        guard handle.cause == nil else { return note(error, on: asking, retryIn: .zero) }
        if error.reason == .outOfTime {
            note(error, on: asking, as: RunErrorCode.limitWorkTime.rawValue)
            return endOutOfTime()
        }
        let retry = ModelRetry(attempts: state.limits.modelAttempts)
        let next = agent.fallback(after: state.standIn)
        services.metrics?.modelFailures.increment(modelName, error.code.rawValue)
        let random = services.random.next()
        switch retry.verdict(on: error, tries: asking.tries, hasFallback: next != nil, random: random) {
        case .again(let pause):
            note(error, on: asking, retryIn: pause)
            emit(.error(ErrorEvent(code: error.code.rawValue, message: error.message, recoverable: true)))
        case .fallBack: fallBack(to: next, after: error, on: asking)
        case .giveUp:
            note(error, on: asking)
            end(.failed(code: error.code.rawValue, message: error.message))
        }
    }

    private mutating func fallBack(to next: RunnableModel?, after error: ModelError, on asking: RunState.Asking) {
        guard let next else { return }
        let failed = model.settings, instead = next.settings
        services.metrics?.modelFallbacks.increment(failed.model, instead.model)
        note(error, on: asking, fallback: instead.name)
        // It is made anew for what the other one sees.
        prompt = nil
        let message = "\(instead.name) (\(instead.model)) is asked instead of \(failed.name) (\(failed.model)). \(error.message)"
        emit(.error(ErrorEvent(code: error.code.rawValue, message: message, recoverable: true)))
    }

    /// - Parameter code: What the log calls it, when that is not the error's own code.
    private mutating func note(
        _ error: ModelError,
        on asking: RunState.Asking,
        as code: String? = nil,
        retryIn pause: Duration? = nil,
        fallback: String? = nil
    ) {
        let note = ModelAnswerNote(
            accepted: false,
            code: code ?? error.code.rawValue,
            retryInMilliseconds: pause?.inMilliseconds,
            fallback: fallback
        )
        emit(.step(StepEvent(.modelAnswer(note), step: asking.step, attempt: asking.attempt)))
    }
}
