public import BatutaCore
import Glibc
import Synchronization

/// Writes structured lines: a constant message, and values beside it. A level that is off costs one atomic load.
///
/// A logger is a small value; those made from it by `with` share its sink, level and secrets. Every line passes the mask of secrets.
public struct Logger: Sendable {
    private let output: LogOutput
    private let context: [(name: String, value: LogValue)]

    public init(
        level: LogLevel = .info,
        format: LogFormat = .text,
        sink: any LogSink = StandardErrorSink(),
        clock: (any ProjectClock)? = nil
    ) {
        output = LogOutput(level: level, format: format, sink: sink, clock: clock ?? WallClock())
        context = []
    }

    private init(output: LogOutput, context: [(name: String, value: LogValue)]) {
        self.output = output
        self.context = context
    }

    /// Writes nothing.
    public static let silent = Logger(level: .error, sink: NoSink())

    /// A logger that puts `fields` before those of each line.
    public func with(_ fields: LogFields) -> Logger {
        Logger(output: output, context: context + fields.map { (name: $0.key, value: $0.value) })
    }

    /// From now on `•••` in every line of this logger and its relatives.
    public func mask(secret: String) { output.mask.withLock { $0.register(secret) } }

    /// No longer masked: what is worth nothing any more.
    public func unmask(secrets: [String]) {
        guard !secrets.isEmpty else { return }
        output.mask.withLock { $0.forget(secrets) }
    }

    /// The level of this logger and its relatives; may change while the program runs.
    public var level: LogLevel {
        get { LogLevel(rawValue: output.level.load(ordering: .relaxed)) ?? .info }
        nonmutating set { output.level.store(newValue.rawValue, ordering: .relaxed) }
    }

    public func isEnabled(_ level: LogLevel) -> Bool { level.rawValue >= output.level.load(ordering: .relaxed) }

    public func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) { log(.debug, message, fields()) }
    public func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) { log(.info, message, fields()) }
    public func warning(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) { log(.warning, message, fields()) }
    public func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) { log(.error, message, fields()) }

    public func log(_ level: LogLevel, _ message: StaticString, _ fields: @autoclosure () -> LogFields) {
        guard isEnabled(level) else { return }
        let own = fields().map { (name: $0.key, value: $0.value) }
        output.write(LogEntry(at: output.clock.now(), level: level, message: "\(message)", fields: context + own))
    }
}

/// What all loggers of a family share.
private final class LogOutput: Sendable {
    let level: Atomic<Int>
    let mask = Mutex(SecretMask())
    let clock: any ProjectClock
    private let format: LogFormat
    private let sink: any LogSink

    init(level: LogLevel, format: LogFormat, sink: any LogSink, clock: any ProjectClock) {
        self.level = Atomic(level.rawValue)
        self.format = format
        self.sink = sink
        self.clock = clock
    }

    func write(_ entry: LogEntry) {
        let mask = mask.withLock { $0 }
        sink.write(format.line(entry, masked: mask))
    }
}

/// The time of the machine. Lines tell when something was written, so they do not follow the project's clock.
private struct WallClock: ProjectClock {
    func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

private struct NoSink: LogSink {
    func write(_ line: [UInt8]) {}
}

/// Lines behind a lock.
final class LockedLines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
