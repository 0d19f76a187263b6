import BatutaAgents
import BatutaCore

/// What it costs to read and check a large project from its files: 50 agents, 200 tools, 20 teams, policies and schedules.
enum ProjectRows {
    static func measure(_ options: Options, into report: inout Report) throws {
        let files = LargeProject.files
        var rounds: [Double] = []
        for _ in 0..<max(5, options.rounds) {
            let start = monotonicSeconds()
            let load = Project.load(files: files)
            rounds.append((monotonicSeconds() - start) * 1e3)
            guard load.problems.errors.isEmpty, load.project?.agents.count == 50 else {
                throw BenchError("the large project does not load: \(load.report(.english))")
            }
        }
        report.add(
            Row(
                name: "a project of 50 agents, 200 tools, 20 teams, read and checked",
                measured: rounds.median,
                unit: "ms",
                target: .atMost(100)
            )
        )
    }
}

/// The project that is loaded.
private enum LargeProject {
    static var files: [String: [UInt8]] {
        var files = ["batuta.yaml": settings, "prompts/tone.md": "Be brief and kind."]
        for number in 0..<50 { files["agents/agent_\(number).md"] = agent(number) }
        for number in 0..<200 { files["tools/tool_\(number).yaml"] = tool(number) }
        for number in 0..<20 {
            files["teams/team_\(number).yaml"] =
                "mode: coordinate\nleader: agent_\(number)\nmembers: [agent_\(number + 20), agent_\(number + 21)]\n"
            files["policies/policy_\(number).yaml"] = policy(number)
            files["schedules/schedule_\(number).yaml"] = schedule(number)
        }
        return files.mapValues { Array($0.utf8) }
    }

    private static let settings = """
        name: large
        default: agent:agent_0
        models:
          default: { provider: openai, model: gpt-5-mini }
        profile:
          type: object
          properties: { city: { type: string }, limit: { type: number } }
        """

    private static func agent(_ number: Int) -> String {
        let tools = (0..<8).map { "tool_\((number * 4 + $0) % 200)" }.joined(separator: ", ")
        let rules = String(repeating: "Work with care, look at the numbers, say what you did and what is left.\n", count: 40)
        return """
            ---
            description: Agent \(number) does a part of the work.
            tools: [\(tools)]
            variables:
              target: { type: number, default: 1.5, description: The goal in percent }
              extra: { type: string, default: "" }
            ---
            You are agent \(number). Answer in $language. The target is $target percent, twice that is ${target * 2.0}.
            {{> tone}}
            $extra
            \(rules)
            """
    }

    private static func tool(_ number: Int) -> String {
        let isRead = number % 3 == 0
        let effect = isRead ? "read" : number % 3 == 1 ? "write" : "critical"
        let tags = isRead ? "cache: { ttl: 5m, tags: [\"campaign:${params.id}\"] }" : "invalidates: [\"campaign:${params.id}\"]"
        return """
            description: Does the thing number \(number), as its service promises.
            effect: \(effect)
            parameters:
              type: object
              properties:
                id: { type: string, pattern: "^[0-9]+$", description: The campaign }
                period: { type: string, enum: [today, yesterday, last_7d, last_30d] }
                limit: { type: integer, minimum: 1, maximum: 100 }
                reason: { type: string, maxLength: 500 }
              required: [id]
              additionalProperties: false
            check:
              - { that: "!has(params.reason) || size(params.reason) < 500", message: "Keep the reason under 500 characters." }
            \(tags)
            http:
              method: \(isRead ? "GET" : "POST")
              url: "${env.BASE_URL}/${params.id}/\(number)"
              \(isRead ? "query" : "body"): { period: "${params.period}", limit: "${params.limit}", reason: "${params.reason}" }
              headers: { Authorization: "Bearer ${secret.TOKEN}" }
              result: "${result.data}"
            """
    }

    private static func policy(_ number: Int) -> String {
        """
        tool: tool_\(number * 3 + 2)
        facts:
          metrics: { tool: tool_\(number * 3), arguments: { id: "${params.id}", period: last_7d } }
        rules:
          - { when: "facts.metrics.ctr > 2.0", warn: "High CTR (${number(facts.metrics.ctr, 2)}%)" }
          - { when: "run.schedule == 'night' && facts.metrics.spend > 5000.0", deny: "Never at night" }
        """
    }

    private static func schedule(_ number: Int) -> String {
        """
        cron: "0 18 * * *"
        time_zone: America/Sao_Paulo
        for_each_user: "profile.limit > 0.0"
        run: { target: agent:agent_\(number), content: "Report to ${profile.city}" }
        """
    }
}
