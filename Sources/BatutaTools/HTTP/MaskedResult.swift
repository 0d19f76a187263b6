import BatutaCore

extension ToolSecretSource {
    /// The attempt with every known secret in its data and words shown as `•••`.
    func mask(_ attempt: ToolAttempt) -> ToolAttempt {
        var attempt = attempt
        attempt.result.error = attempt.result.error.map { mask($0) }
        attempt.result.data = attempt.result.data.map { mask($0) }
        return attempt
    }

    func mask(_ json: JSON) -> JSON {
        switch json {
        case .null, .bool: return json
        case .number(let number):
            let shown = mask(number.literal)
            return shown == number.literal ? json : .string(shown)
        case .string(let text): return .string(mask(text))
        case .array(let elements): return .array(elements.map { mask($0) })
        case .object(let members): return .object(JSONObject(members.map { (mask($0.key), mask($0.value)) }))
        }
    }
}
