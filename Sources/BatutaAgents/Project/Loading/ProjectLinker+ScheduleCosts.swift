import BatutaCore
import BatutaModels

/// `cost_limit` of schedules: whether runs can keep to it.
extension ProjectLinker {
    /// A limit needs a price for every model that may be asked under it, and room for the first call.
    mutating func checkScheduleCosts(
        _ schedules: [ScheduleDefinition],
        _ agents: [String: AgentDefinition],
        _ teams: [String: TeamDefinition],
        _ models: [String: ModelSettings]
    ) {
        let prices = prices(for: agents)
        for parsed in parsed.schedules {
            guard let limit = parsed.value.costLimit,
                let schedule = schedules.first(where: { $0.name == parsed.value.name?.value ?? parsed.stem }),
                case .run(let target, _) = schedule.work
            else { continue }
            let reached = Self.reached(from: target, agents, teams)
            let asked = reached.flatMap { [$0.model] + $0.model.fallback.compactMap { models[$0] } }
            // One without a name is told already.
            if let unknown = asked.first(where: { !$0.model.isEmpty && !prices.isKnown($0) }) {
                problems.append(Self.withoutPrice(unknown, path: parsed.path, line: limit.line))
            }
            checkRoom(
                Limit(name: "cost_limit", amount: NanoUSD.nanos(limit.value), path: parsed.path, line: limit.line, agents: reached),
                at: prices
            )
        }
    }

    /// The agents that may work for a target: itself, or a team's leader and members.
    private static func reached(from target: String, _ agents: [String: AgentDefinition], _ teams: [String: TeamDefinition])
        -> [AgentDefinition]
    {
        var waiting = [target], seen: Set<String> = []
        var found: [AgentDefinition] = []
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            let name = next.split(separator: ":").last.map(String.init) ?? next
            if !next.hasPrefix("team:"), let agent = agents[name] {
                found.append(agent)
            } else if let team = teams[name] {
                waiting += team.members.map(\.target) + [team.leader].compactMap(\.self)
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    private static func withoutPrice(_ model: ModelSettings, path: String, line: Int) -> ProjectProblem {
        let message = Words(
            "the price of `\(model.model)` is not known, and `cost_limit` bounds what it may cost: no call of it is made",
            "o preço de `\(model.model)` não é conhecido, e `cost_limit` limita o que ele pode custar: ele não será chamado"
        )
        return ProjectProblem(path: path, line: line, message: message, hint: .writePrice(of: model.model), severity: .warning)
    }
}
