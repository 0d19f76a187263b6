import BatutaCore
import BatutaStorage

/// What came of a statement, in the terms of tools.
struct SQLToolAnswer {
    let source: SQLToolDefinition

    private var database: String { "the database `\(source.database)`" }

    func attempt(_ outcome: Result<QueryAnswer, QueryFailure>) -> ToolAttempt {
        switch outcome {
        case .success(let answer): source.definition.effect == .read ? read(answer) : written(answer)
        case .failure(let failure): failed(failure)
        }
    }

    /// Too many rows are a failure that shows the first: nothing that counts on all of them goes on with a part.
    private func read(_ answer: QueryAnswer) -> ToolAttempt {
        if source.rows == .one {
            // One row is asked for; that there are more is no news.
            guard answer.rows.isEmpty, answer.isCut else { return ToolAttempt(.success(answer.rows.first ?? .null)) }
            return .refused("The row that \(database) answered is larger than 1 MiB. Ask for fewer columns.", .answerTooLarge)
        }
        guard answer.isCut else { return ToolAttempt(.success(.array(answer.rows))) }
        let bound = answer.rows.count >= source.limit ? "more than \(source.limit) rows" : "more than 1 MiB"
        var attempt = ToolAttempt.refused(
            "\(database.capitalizedFirst) answered \(bound); `data` holds only the first \(answer.rows.count) rows. Ask for less.",
            .answerTooLarge
        )
        attempt.result.data = .array(answer.rows)
        return attempt
    }

    /// `{rows_affected}`; with `RETURNING` also what was returned, up to the limits.
    private func written(_ answer: QueryAnswer) -> ToolAttempt {
        var data: JSONObject = ["rows_affected": .int(answer.rowsAffected)]
        if answer.hasColumns {
            if source.rows == .one { data["row"] = answer.rows.first ?? .null } else { data["rows"] = .array(answer.rows) }
            if answer.isCut, source.rows == .many { data["rows_are_cut"] = true }
        }
        return ToolAttempt(.success(.object(data)))
    }

    private func failed(_ failure: QueryFailure) -> ToolAttempt {
        let (kind, code, words) = verdict(on: failure)
        return ToolAttempt(.failure("\(words.capitalizedFirst).", code: code.rawValue), failure: kind)
    }

    /// A write of which it is certain that it was undone counts as not sent: repeating it is safe.
    private func verdict(on failure: QueryFailure) -> (ToolAttempt.Failure, ToolCode, String) {
        let harmless: ToolAttempt.Failure = source.definition.effect == .read ? .timeout : .notSent
        switch failure.reason {
        case .unreachable: return (.notSent, .unreachable, "\(database) cannot be reached: \(failure.words)")
        case .timeout:
            let limit = (source.definition.retry.timeout ?? .seconds(5)).inWords
            return (failure.isHarmless ? harmless : .timeout, .timeout, "\(database) did not answer within \(limit)")
        case .busy: return (.notSent, .timeout, "\(database) has no free connection: \(failure.words)")
        case .cancelled: return (failure.isHarmless ? .notSent : .cancelled, .cancelled, "the statement was stopped")
        case .conflict: return (.notSent, .serverError, "\(database) was busy, nothing was changed: \(failure.words)")
        case .lost:
            let kind: ToolAttempt.Failure = failure.isHarmless ? harmless : .timeout
            return (kind, .connectionLost, "the connection to \(database) broke: \(failure.words)")
        case .value: return (.rejected, .rejected, "\(database) refused the values: \(failure.words)")
        case .statement: return (.rejected, .misconfigured, "the statement of the tool does not run on \(database): \(failure.words)")
        case .server: return (harmless == .notSent ? .notSent : .serverError, .serverError, "\(database) is in trouble: \(failure.words)")
        case .closed: return (.notSent, .unreachable, "\(database) was closed because the project changed; call again")
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
