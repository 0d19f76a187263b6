public import BatutaCore

/// An optional power of a tool: finding out, by a read tool, whether a call took effect (`settle`).
public protocol SettlingTool: Tool {
    var settlement: ToolSettlement? { get }
}

/// How to find out what became of an uncertain call.
public struct ToolSettlement: Sendable {
    /// The read tool that is asked, fresh each time.
    public var tool: String
    /// How long the service may take to show a write; only after that "not there" means "not done".
    public var within: Duration
    /// The read tool's arguments for this call.
    public var arguments: @Sendable (ToolCall) throws -> JSON
    /// Whether the read tool's data shows the effect.
    public var isDone: @Sendable (_ data: JSON, _ call: ToolCall) throws -> Bool

    public init(
        tool: String,
        within: Duration,
        arguments: @escaping @Sendable (ToolCall) throws -> JSON,
        isDone: @escaping @Sendable (_ data: JSON, _ call: ToolCall) throws -> Bool
    ) {
        self.tool = tool
        self.within = within
        self.arguments = arguments
        self.isDone = isDone
    }
}

/// Asks the settling tool until it shows the effect or `within` is over. A read that fails meanwhile is one look less, no answer.
struct Settling {
    let runtime: ToolRuntime
    let call: ToolCall
    let catalog: ToolCatalog

    private static let pauses: [Duration] = [.milliseconds(500), .seconds(1)]
    private static let longPause: Duration = .seconds(2)

    /// `unknown` when the last look, at the end of `within`, failed or could not be understood: then a human has to look.
    func find(for tool: any Tool) async -> (RetryStateMachine.Settled, JSON?) {
        guard let settlement = (tool as? any SettlingTool)?.settlement, let entry = catalog.entry(settlement.tool),
            entry.definition.effect == .read, let arguments = try? settlement.arguments(call),
            case .accepted(let accepted, _) = entry.arguments.validate(.valid(arguments))
        else { return (.unknown, nil) }
        let deadline = runtime.time.elapsed() + settlement.within
        var round = 0
        while true {
            let isLast = runtime.time.elapsed() >= deadline
            let data = await read(entry, accepted, round)
            let done = try? data.map { try settlement.isDone($0, call) }
            if done == true { return (.done, data) }
            if isLast { return (done == false ? .notDone : .unknown, nil) }
            guard await paused(round, until: deadline) else { return (.unknown, nil) }
            round += 1
        }
    }

    private func read(_ entry: ToolCatalog.Entry, _ arguments: JSON, _ round: Int) async -> JSON? {
        var read = call
        read.tool = entry.definition.name
        read.arguments = arguments
        read.idempotencyKey = "\(call.idempotencyKey)-settle-\(round)"
        var execution = ToolExecution(runtime: runtime, entry: entry, call: read, catalog: catalog)
        let result = await execution.perform(from: .retry(after: .zero))
        guard result.success else { return nil }
        return result.data ?? .null
    }

    private func paused(_ round: Int, until deadline: Duration) async -> Bool {
        let step = round < Self.pauses.count ? Self.pauses[round] : Self.longPause
        let left = max(deadline - runtime.time.elapsed(), .zero)
        try? await runtime.time.sleep(for: min(step, left))
        return !Task.isCancelled
    }
}
