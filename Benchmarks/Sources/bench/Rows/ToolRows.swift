import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// What Batuta itself costs a tool call: everything around it that needs no I/O, and the way to a server over its pipes.
enum ToolRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        let client = try HTTPClient()
        let dispatch = try await DispatchStand(client, options)
        let server = try await ToolServerStand(client, options)
        var dispatched: [Double] = [], added: [Double] = [], floors: [Double] = []
        for _ in 0..<options.rounds {
            dispatched.append(await dispatch.microsecondsEach(20_000))
            let floor = try PipeFloor.microseconds(5_000)
            added.append(try await server.microseconds(5_000) - floor)
            floors.append(floor)
        }
        report.add(
            Row(
                name: "tool dispatch: check, budget, breaker, events",
                measured: dispatched.median,
                unit: "us",
                target: .atMost(15)
            )
        )
        report.add(
            Row(
                name: "MCP tool call over stdio, added by us, p50",
                measured: added.median,
                unit: "us",
                target: .atMost(300),
                comparisons: [.init(name: "the two pipes alone", value: floors.median)]
            )
        )
        await server.close()
        await dispatch.close()
        client.shutdown()
    }
}

/// Calls of a tool that has its answer at once, with all that a run does for each.
private struct DispatchStand: Sendable {
    private let runtime: ToolRuntime
    private let registry: ToolRegistry
    private let treasury: Treasury
    private let ledger: RunLedger
    private let breakers = BreakerBoard<Origin>()
    private let database: SQLiteDatabase
    private let folder: StoreFolder
    private let loop: NetworkLoop

    init(_ client: HTTPClient, _ options: Options) async throws {
        folder = try StoreFolder(in: options.folder)
        database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([MoneyMigrations.set])
        treasury = Treasury(database: database, node: "node_bench")
        ledger = treasury.ledgers.open(RunID.make(at: SystemClock().now(), random: SystemRandom()), spent: 0)
        loop = client.loop
        runtime = ToolRuntime(clock: SystemClock(), time: LoopTime(client.loop))
        registry = ToolCatalog([AnsweredTool()]).registry(offering: ["pause_campaign"])
    }

    /// On the loop, where runs live.
    func microsecondsEach(_ count: Int) async -> Double {
        await withTaskExecutorPreference(loop) {
            let start = monotonicSeconds()
            var bytes = 0
            for number in 0..<count { bytes += await dispatch(number) }
            precondition(bytes > 0, "no event was built")
            return (monotonicSeconds() - start) * 1e6 / Double(count)
        }
    }

    private func dispatch(_ number: Int) async -> Int {
        let arguments: JSON = ["campaign_id": .string(String(number)), "reason": "It costs more than it brings.", "days": 7]
        guard
            case .accepted(let accepted, let repairs) = runtime.validate(
                tool: "pause_campaign",
                arguments: .valid(arguments),
                context: ToolCall.bench.context,
                in: registry
            ), breakers.admit(Self.origin, policy: Self.policy) == .pass, await isAffordable()
        else { preconditionFailure("the call was refused") }
        let (clock, random) = (SystemClock(), SystemRandom())
        var call = ToolCall.bench
        call.id = .make(at: clock.now(), random: random)
        call.arguments = accepted
        let asked = ToolCallEvent(
            callID: call.id,
            tool: call.tool,
            params: accepted,
            effect: .critical,
            step: 1,
            repairs: repairs
        )
        let hash = Digest.hex(Digest.sha256(accepted.canonicalBytes))
        let intent = StepEvent(.toolIntent(callID: call.id, argumentsHash: hash), step: 1, attempt: 1)
        let result = await runtime.execute(call, in: registry)
        breakers.succeeded(Self.origin)
        let events: [EventData] = [
            .toolCall(asked), .step(intent), .toolResult(ToolResultEvent(callID: call.id, tool: call.tool, result: result)),
        ]
        return events.reduce(0) { $0 + Self.size(of: $1) }
    }

    private func isAffordable() async -> Bool {
        let estimate = CallEstimate(price: ModelPrice(input: 1, output: 4), requestBytes: 2_000, maxOutputTokens: 4_096)
        let day = CalendarDay(SystemClock().now(), in: .utc)
        let limit: Int64 = 1_000_000_000_000
        let budgets = Budgets(run: limit, userPerDay: limit, projectPerMonth: limit)
        let claim = Treasury.Claim(estimate, user: "usr_bench", day: day, runs: [RunBound(ledger: ledger, limit: limit)])
        guard let reservation = try? await treasury.reserve(claim, within: budgets).get() else { return false }
        return reservation.amount > 0
    }

    private static func size(of event: EventData) -> Int {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        event.write(into: &writer)
        writer.endObject()
        return writer.finish().count
    }

    private static let origin = Origin(scheme: "https", host: "ads.example", port: 443)
    private static let policy = BreakerPolicy()

    func close() async { await database.close() }
}

/// A critical tool with a schema like a project's, whose service is nowhere.
private struct AnsweredTool: Tool {
    let definition = ToolDefinition(
        name: "pause_campaign",
        description: "Pauses one campaign.",
        parameters: [
            "type": "object",
            "properties": [
                "campaign_id": ["type": "string", "pattern": "^[0-9]+$"], "reason": ["type": "string", "maxLength": 500],
                "days": ["type": "integer", "minimum": 1, "maximum": 90],
            ],
            "required": ["campaign_id"], "additionalProperties": false,
        ],
        effect: .critical,
        idempotent: true
    )

    func attempt(_ call: ToolCall) async -> ToolAttempt { ToolAttempt(.success(["status": "PAUSED", "id": "23851"])) }
}

extension ToolCall {
    /// What every call of these rows has in common.
    fileprivate static let bench: ToolCall = {
        let (clock, random) = (SystemClock(), SystemRandom())
        let context = ToolContext(
            sessionID: .make(at: clock.now(), random: random),
            runID: .make(at: clock.now(), random: random),
            agent: "assistant",
            user: ["id": "usr_bench"]
        )
        return ToolCall(
            id: .make(at: clock.now(), random: random),
            tool: "pause_campaign",
            arguments: [:],
            startedAt: clock.now(),
            context: context
        )
    }()
}

/// Calls through the runtime to a server of the Model Context Protocol that answers at once.
private struct ToolServerStand: Sendable {
    private let servers: MCPServers
    private let registry: ToolRegistry
    private let runtime: ToolRuntime
    private let database: SQLiteDatabase
    private let folder: StoreFolder
    private let loop: NetworkLoop

    init(_ client: HTTPClient, _ options: Options) async throws {
        folder = try StoreFolder(in: options.folder)
        database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([MCPToolStore.migrations])
        servers = MCPServers(client: client, logger: .silent, folder: nil)
        let place = MCPServerDefinition.Place.command([try ChildProcess.ownProgram(), EchoPart.name], environment: [:])
        let server = MCPServerDefinition(name: "echo", place: place)
        let store = MCPToolStore(database: database, clock: SystemClock())
        await MCPCare(of: servers, in: store, definitions: { [] }, onChange: {}, logger: .silent).meet([server]) { $0 }
        let tools = try servers.tools(of: [server], secrets: StaticToolSecrets(), clock: SystemClock()) { $0 }
        guard !tools.isEmpty else { throw BenchError("the server of tools has none") }
        registry = ToolCatalog(tools).registry(offering: ["mcp:echo/*"])
        runtime = ToolRuntime(clock: SystemClock(), time: LoopTime(client.loop))
        loop = client.loop
    }

    /// Median of calls, one after the other.
    func microseconds(_ count: Int) async throws -> Double {
        try await withTaskExecutorPreference(loop) {
            var times: [Double] = []
            for _ in 0..<count {
                var call = ToolCall.bench
                call.tool = "mcp:echo/echo"
                call.arguments = ["text": "How is it going?"]
                let start = monotonicSeconds()
                let result = await runtime.execute(call, in: registry)
                times.append((monotonicSeconds() - start) * 1e6)
                guard result.success else { throw BenchError("a call failed: \(result.error ?? "")") }
            }
            return times.median
        }
    }

    func close() async {
        await servers.close()
        await database.close()
    }
}

/// The same server, asked by a loop that writes and reads its pipes and does nothing else.
private enum PipeFloor {
    static func microseconds(_ count: Int) throws -> Double {
        let process = try ChildProcess(part: EchoPart.name)
        defer { process.stop() }
        let request = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"How is it going?"}}}"#
        var times: [Double] = []
        for _ in 0..<count {
            let start = monotonicSeconds()
            process.send(request)
            guard process.readLine() != nil else { throw BenchError("the server of tools ended") }
            times.append((monotonicSeconds() - start) * 1e6)
        }
        return times.median
    }
}
