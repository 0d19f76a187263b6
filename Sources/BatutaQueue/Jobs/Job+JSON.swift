public import BatutaCore

extension Job {
    /// As the API shows it to admins; texts in the reader's language.
    public func json(in language: Language) -> JSON {
        var object: JSONObject = [
            "id": .string(id.rawValue), "queue": .string(queue), "kind": .string(kind), "status": .string(status.rawValue),
            "cancelling": .bool(isCancelling && !status.isEnded), "priority": .int(priority.rawValue), "attempts": .int(attempts),
            "max_attempts": .int(maximumAttempts), "every_seconds": period.map { .double(Double($0.inMilliseconds) / 1_000) } ?? .null,
            "unique_key": .optional(uniqueKey), "user": .optional(user), "payload": payload, "node": .optional(owner),
            "run_at": .string(runAt.rfc3339), "created_at": .string(createdAt.rfc3339), "started_at": .optional(startedAt?.rfc3339),
            "ended_at": .optional(endedAt?.rfc3339), "error": .optional(error),
        ]
        if let reason { object["reason"] = ["code": .string(reason.rawValue), "detail": .string(reason.words(language))] }
        return .object(object)
    }
}

extension JSON {
    fileprivate static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}
