import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaRuns

/// `/v1/experiments`: what the variants of prompts came to; and what is known of single runs: ratings, and numbers that they recorded.
struct ExperimentRoutes: EndpointGroup {
    let api: API
    let project: ProjectServices
    let experiments: ExperimentStore
    let versions: PromptVersions

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/experiments",
                "Compare the variants of each prompt that has some, over the last 90 days unless since says otherwise",
                query: ["since", "rehearsal"],
                role: .builder,
                list
            ),
            Endpoint(
                .get,
                "/v1/experiments/{prompt}",
                "Compare the variants of a prompt, over the last 90 days unless since says otherwise",
                query: ["since", "rehearsal"],
                role: .builder,
                get
            ),
            Endpoint(.get, "/v1/runs/{id}/outcomes", "A run's variants, its rating and the numbers that it recorded", outcomes),
            Endpoint(
                .post,
                "/v1/runs/{id}/rating",
                "Say how good a run, or the team's run above it, was, from 1 to 5; the last word counts",
                role: .member,
                rate
            ),
            Endpoint(.delete, "/v1/runs/{id}/rating", "Take the rating of a run back", role: .member, unrate),
        ]
    }

    // MARK: Comparing

    private func list(_ call: Call) async throws -> HTTPResponse {
        // Also where there is nothing to compare.
        _ = (try since(call), try flag("rehearsal", call))
        let current = await Experiment.current(in: project)
        let names = Set(current.map(\.prompt)).union(try await experiments.prompts()).sorted()
        var data: [JSON] = []
        for name in names { data.append(try await shown(current.first { $0.prompt == name } ?? Experiment(prompt: name), call)) }
        return .json(["data": .array(data), "next_cursor": .null])
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        let name = call.request.parameters["prompt"]
        if let experiment = await Experiment.current(in: project).first(where: { $0.prompt == name }) {
            return .json(try await shown(experiment, call))
        }
        guard try await experiments.prompts().contains(name) else { throw API.missing(.experiment, name) }
        return .json(try await shown(Experiment(prompt: name), call))
    }

    private func shown(_ experiment: Experiment, _ call: Call) async throws -> JSON {
        let rehearsals = try flag("rehearsal", call) ?? api.engine.currentProject.isRehearsal
        let since = try since(call)
        let results = try await experiments.results(of: experiment.prompt, since: since, rehearsals: rehearsals)
        return experiment.json(results, rehearsals: rehearsals, try await changes(of: experiment, results, since))
    }

    /// When the texts of its variants became others: runs before such a moment were told something else.
    private func changes(of experiment: Experiment, _ results: [VariantResult], _ since: Timestamp) async throws -> [String: [Timestamp]] {
        var changes: [String: [Timestamp]] = [:]
        for variant in Set(experiment.weights.map(\.name) + results.map(\.variant)) {
            let name = variant == PromptChoice.ownVariant ? experiment.prompt : "\(experiment.prompt)@\(variant)"
            guard let path = ProjectPrompts.path(of: name) else { continue }
            changes[variant] = try await versions.changes(of: path, since: since)
        }
        return changes
    }

    /// Comparing everything that ever ran would take longer and longer.
    private static let usual = Duration.seconds(90 * 86_400)

    private func since(_ call: Call) throws -> Timestamp {
        guard let text = call.request.query["since"] else { return api.clock.now().advanced(by: .zero - Self.usual) }
        guard let since = Timestamp(rfc3339: text) else {
            let words = Words("since must be a time such as 2026-01-19T18:00:00Z.", "since precisa ser uma hora como 2026-01-19T18:00:00Z.")
            throw Problem(.badRequest, code: "invalid_query", words, field: "since")
        }
        return since
    }

    private func flag(_ name: String, _ call: Call) throws -> Bool? {
        switch call.request.query[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default:
            throw Problem(
                .badRequest,
                code: "invalid_query",
                Words("\(name) must be true or false.", "\(name) precisa ser true ou false."),
                field: name
            )
        }
    }

    // MARK: One run

    private func outcomes(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        return .json(try await experiments.outcomes(of: run.id, under: run.rootRunID).json)
    }

    private static let ratings = Int64(1)...5
    private static let bad: Int64 = 2

    private func rate(_ call: Call) async throws -> HTTPResponse {
        let run = try await api.run(call)
        var fields = try Fields(call.body, known: ["rating", "comment"])
        fields.require("rating")
        let rating = fields.number("rating"), comment = fields.string("comment")
        if let rating, !Self.ratings.contains(rating) { fields.refuse("rating", Words("must be from 1 to 5", "precisa ser de 1 a 5")) }
        if (comment?.unicodeScalars.count ?? 0) > 2_000 {
            fields.refuse("comment", Words("has at most 2,000 characters", "tem no máximo 2.000 caracteres"))
        }
        try fields.check()
        // Nobody is given again what somebody thinks badly of.
        if let rating, rating <= Self.bad { try await api.engine.answers?.evict(usedBy: run.rootRunID) }
        try await experiments.rate(run.rootRunID, in: run.sessionID, Int(rating ?? 1), comment: comment, by: call.principal.id)
        return .json(try await experiments.outcomes(of: run.id, under: run.rootRunID).json)
    }

    private func unrate(_ call: Call) async throws -> HTTPResponse {
        try await experiments.unrate(try await api.run(call).rootRunID)
        return HTTPResponse(status: .noContent)
    }
}

/// A prompt with variants, as the project has it now.
struct Experiment: Sendable {
    var prompt: String
    /// Empty when the project has no such variants any more.
    var weights: [(name: String, weight: Int)] = []
    var agents: [String] = []

    init(prompt: String) { self.prompt = prompt }

    static func current(in project: ProjectServices) async -> [Experiment] {
        ProjectPrompts(files: await project.served.current.snapshot.files).prompts.filter { $0.kind != .agent }.reduce(into: []) {
            found,
            prompt in
            let name = String(prompt.name.prefix { $0 != "@" })
            guard !prompt.weights.isEmpty, !found.contains(where: { $0.prompt == name }) else { return }
            var experiment = Experiment(prompt: name)
            (experiment.weights, experiment.agents) = (prompt.weights, prompt.usedBy)
            found.append(experiment)
        }
    }

    /// Variants that have no runs yet come too.
    func json(_ results: [VariantResult], rehearsals: Bool, _ changes: [String: [Timestamp]]) -> JSON {
        var results = results
        for weight in weights where !results.contains(where: { $0.variant == weight.name }) {
            results.append(VariantResult(variant: weight.name))
        }
        let variants = results.sorted { $0.variant < $1.variant }.map { result in
            var object = result.json(weight: weights.first { $0.name == result.variant }?.weight).object ?? [:]
            object["text_changes"] = .array((changes[result.variant] ?? []).map { .string($0.rfc3339) })
            return JSON.object(object)
        }
        return [
            "prompt": .string(prompt), "active": .bool(!weights.isEmpty), "agents": .array(agents.map(JSON.string)),
            "rehearsal": .bool(rehearsals), "variants": .array(variants),
        ]
    }
}
