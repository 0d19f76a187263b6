import CFloor
import Dispatch
import Glibc

/// Measures the numbers of the README. `make bench` calls it; `bench --only agent,log` measures some rows: value, money, agent, team, tools, log,
/// queue, memory, cache, served, idle, nodes, stop, long, project, waiting.
@main
enum Bench {
    /// Blocks the main thread: left to itself it would wait inside libdispatch, where Valgrind cannot follow.
    static func main() {
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await perform()
            } catch {
                print("bench: \(error)")
                exit(1)
            }
            end.signal()
        }
        end.wait()
    }

    private static func perform() async throws {
        cfloor_line_buffered()
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let part = arguments.first, !part.hasPrefix("--") { return try await Parts.perform(part, Array(arguments.dropFirst())) }
        let options = Options(arguments)
        var report = Report()
        if options.wants("value") { AgentValue.measure(options, into: &report) }
        if options.wants("money") { try await MoneyRows.measure(options, into: &report) }
        if options.wants("agent") { try await AgentRuns.measure(options, into: &report) }
        if options.wants("team") { try await TeamRows.measure(options, into: &report) }
        if options.wants("tools") { try await ToolRows.measure(options, into: &report) }
        if options.wants("log") { try await EventLogRows.measure(options, into: &report) }
        if options.wants("queue") { try await QueueRows.measure(options, into: &report) }
        if options.wants("memory") { try await MemoryRows.measure(options, into: &report) }
        if options.wants("cache") { try await ResponseCacheRows.measure(options, into: &report) }
        if options.wants("served") { try ServedRows.measure(options, into: &report) }
        if options.wants("idle") { try IdleSubscribers.measure(options, into: &report) }
        if options.wants("nodes") { try await NodeRows.measure(options, into: &report) }
        if options.wants("stop") { try await StopRows.measure(options, into: &report) }
        if options.wants("long") { try await LongRows.measure(options, into: &report) }
        if options.wants("waiting") { try WaitingRuns.measure(options, into: &report) }
        if options.wants("project") { try ProjectRows.measure(options, into: &report) }
        print(report.missed == 0 ? "every target reached" : "\(report.missed) targets missed")
    }
}

/// What was asked for on the command line.
struct Options {
    var rounds = 5
    var only: [String] = []
    /// Where stores are made: a disk, not a memory file system.
    var folder = "."
    /// The release build of the server.
    var batuta = "Benchmarks/.build/release/batuta"

    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst(), let value = rest.popFirst() {
            switch name {
            case "--rounds": rounds = max(1, Int(value) ?? rounds)
            case "--only": only = value.split(separator: ",").map(String.init)
            case "--folder": folder = value
            case "--batuta": batuta = value
            default: print("unknown option \(name)")
            }
        }
    }

    func wants(_ row: String) -> Bool { only.isEmpty || only.contains(row) }
}

/// What this program does when it is started by itself.
enum Parts {
    static func perform(_ part: String, _ arguments: [String]) async throws {
        switch part {
        case "simulator": try SimulatorPart.run()
        case EchoPart.name: EchoPart.run()
        case "profile": try await ProfilePart.run(arguments)
        default: throw BenchError("unknown part \(part)")
        }
    }
}
