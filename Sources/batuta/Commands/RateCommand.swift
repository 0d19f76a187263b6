import BatutaCore

/// `batuta rate RUN 1..5`: what a person thinks of a run; experiments count it for the variants that the run had.
struct RateCommand: Command {
    static let name = "rate"
    static let synopsis = Words("RUN 1..5 [--note TEXT] | RUN --remove", "EXECUÇÃO 1..5 [--note TEXTO] | EXECUÇÃO --remove")
    static let mostWords = 2
    static let summary = Words(
        "says how good a run was, from 1 to 5; experiments count it",
        "dá uma nota a uma execução, de 1 a 5; os experimentos contam"
    )
    static let note = Option.value("note", "TEXT", Words("why", "por quê"))
    static let remove = Option.flag("remove", Words("take the rating back", "retira a nota"))
    static let options: [Option] = [.project, .database, note, remove, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        let isRemoval = context.arguments.has(Self.remove)
        guard words.count == (isRemoval ? 1 : 2) else { throw Self.wrongUsage(context) }
        try NamedKind.run.check(words[0], context)
        let path = "/v1/runs/\(APIClient.encoded(words[0]))/"
        let rating = isRemoval ? nil : try Self.rating(words[1], context)
        return try await Connection.use(context, to: .look) { client in
            if let rating {
                var body: JSONObject = ["rating": .int(rating)]
                body["comment"] = context.arguments.value(Self.note).map(JSON.string)
                _ = try await client.post(path + "rating", .object(body))
            } else {
                _ = try await client.delete(path + "rating")
            }
            let outcomes = try await client.get(path + "outcomes")
            let none = Words("no rating", "sem nota")
            context.output.outLine("\(words[0])  \(RunOutcomes.text(outcomes, context) ?? context.say(none))")
            return .done
        }
    }

    private static func rating(_ text: String, _ context: CommandContext) throws(CommandFailure) -> Int64 {
        guard let rating = Int64(text), (1...5).contains(rating) else {
            let words = Words(
                "A rating is a whole number from 1 (bad) to 5 (good), not `\(text)`.",
                "A nota é um número inteiro de 1 (ruim) a 5 (bom), não `\(text)`."
            )
            throw .usage(context.say(words))
        }
        return rating
    }
}

/// What is known of a run beside its events: variants, rating, and numbers that it recorded.
enum RunOutcomes {
    /// In one line; nil when there is nothing.
    static func text(_ outcomes: JSON, _ context: CommandContext) -> String? {
        var parts: [String] = []
        let variants = (outcomes["variants"]?.object ?? [:]).map { "\($0.key)@\($0.value.string ?? "")" }
        if !variants.isEmpty { parts.append(context.say(Words("variants: ", "variantes: ")) + variants.joined(separator: ", ")) }
        if let rating = outcomes["rating"]?["rating"]?.int {
            let note = outcomes["rating"]?["comment"]?.string.map { " (\($0))" } ?? ""
            parts.append(context.say(Words("rated \(rating)", "nota \(rating)")) + note)
        }
        parts += (outcomes["outcomes"]?.object ?? [:]).map { "\($0.key) \($0.value.text)" }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
