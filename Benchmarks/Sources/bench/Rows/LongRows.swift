import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTools
import Glibc
import Synchronization

/// Long conversations and long runs: what they cost is flat.
enum LongRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        try sessions(options, into: &report)
        try await steps(options, into: &report)
    }

    // MARK: A conversation of 10,000 events

    private static let events = 10_000
    private static let messages = 300

    private struct Sample {
        var cpu: Double
        var firstEvent: Double
    }

    private static func sessions(_ options: Options, into report: inout Report) throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        let server = try Server(options, simulator: simulator.port)
        defer { server.stop() }
        let talk = try Talk(server)
        let long = try talk.makeSession()
        while talk.lastEvent < events { _ = try talk.say(in: long) }
        var ratios: [Double] = [], firsts: [Double] = [], costs: [Double] = []
        for _ in 0..<options.rounds {
            let empty = try (0..<messages).map { _ in try talk.makeSession() }
            let short = try sample(empty, talk, server), grown = try sample(Array(repeating: long, count: messages), talk, server)
            ratios.append(grown.cpu / short.cpu)
            firsts.append(grown.firstEvent / short.firstEvent)
            costs.append(grown.cpu)
        }
        report.add(
            Row(
                name: "message in a session of 10,000 events, to an empty one: CPU",
                measured: ratios.median,
                unit: "x",
                target: .atMost(1.3)
            )
        )
        report.add(Row(name: "  first event p50, to an empty one", measured: firsts.median, unit: "x", target: .atMost(1.3)))
        report.add(Row(name: "  CPU", measured: costs.median * 1_000, unit: "ms", target: .none))
    }

    private static func sample(_ sessions: [String], _ talk: Talk, _ server: Server) throws -> Sample {
        let cpu = try server.statistics().cpuSeconds
        let answers = try sessions.map { try talk.say(in: $0) }
        return Sample(
            cpu: (try server.statistics().cpuSeconds - cpu) / Double(sessions.count),
            firstEvent: answers.map(\.firstEvent).median
        )
    }

    // MARK: A run of 1,000 steps

    private static let stepCount = 1_000
    private static let measured = 200

    private static func steps(_ options: Options, into report: inout Report) async throws {
        var ratios: [Double] = [], costs: [Double] = [], grown: [Double] = []
        for _ in 0..<options.rounds {
            let model = CountingModel(steps: stepCount)
            let stand = try await Stand(model: "", streams: false, baseURL: "", folder: options.folder) { _ in
                let limits = RunLimits(modelCalls: 2_000, toolCalls: 2_000, contextTokens: 8_000)
                return Stand.agent(model, [NoteTool()], limits: limits)
            }
            _ = try await stand.run()
            await stand.stop()
            let marks = model.marks
            let early = marks[2 * measured].cpu - marks[measured].cpu, late = marks[stepCount].cpu - marks[stepCount - measured].cpu
            ratios.append(late / early)
            costs.append(late / Double(measured))
            grown.append(Double(marks[stepCount].memory - marks[2 * measured].memory) / 1_000)
        }
        report.add(
            Row(name: "run of 1,000 steps: CPU of a step, 801st on, to 201st on", measured: ratios.median, unit: "x", target: .atMost(1.3))
        )
        report.add(Row(name: "  CPU of a step, 801st on", measured: costs.median * 1_000, unit: "ms", target: .none))
        report.add(Row(name: "  memory grown since the 401st", measured: max(0, grown.median), unit: "kB", target: .atMost(2_000)))
    }
}

/// Messages to a server, one after the other.
private final class Talk {
    private let server: Server
    private let key: String
    private let connection: LoadConnection
    private(set) var lastEvent = 0

    init(_ server: Server) throws {
        self.server = server
        key = try server.makeKey()
        connection = try LoadConnection(port: server.port)
    }

    func makeSession() throws -> String {
        let answer = try connection.ask(server.request("POST", "/v1/sessions", key: key, body: "{}"), sign: #""id":"ses_"#)
        guard let id = answer.split(separator: "\"").first(where: { $0.hasPrefix("ses_") }) else {
            throw BenchError("no session: \(answer)")
        }
        return String(id)
    }

    func say(in session: String) throws -> LoadAnswer {
        let body = #"{"content":"Hello. How are you today?","session_id":"\#(session)","stream":true}"#
        try connection.send(server.request("POST", "/v1/runs", key: key, body: body, accept: "text/event-stream"))
        while true {
            guard let answer = try connection.receive(#""type":"complete""#) else { continue }
            lastEvent = connection.lastNumber
            return answer
        }
    }
}

/// Asks for a note so many times, then answers; looks at the clock and the memory at each step.
private final class CountingModel: ModelProvider {
    struct Mark {
        var cpu: Double
        var memory: Int
    }

    private let steps: Int
    private let state = Mutex<[Mark]>([])

    init(steps: Int) { self.steps = steps }

    var marks: [Mark] { state.withLock { $0 } }

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        if request.purpose == .summary {
            return ModelAnswer(text: "The rounds so far were noted.", usage: ModelUsage(inputTokens: 1, outputTokens: 1))
        }
        let mark = Mark(cpu: CPUTime.now().seconds, memory: ProcessStatistics(pid: getpid())?.residentBytes ?? 0)
        let round = state.withLock { marks in
            marks.append(mark)
            return marks.count
        }
        guard round <= steps else { return ModelAnswer(text: "Done.", usage: ModelUsage(inputTokens: 1, outputTokens: 1)) }
        let call = ModelAnswer.ProposedCall(tool: "note", arguments: .valid(["round": .int(round)]))
        return ModelAnswer(text: "", calls: [call], finishReason: .toolCalls, usage: ModelUsage(inputTokens: 1, outputTokens: 1))
    }
}
