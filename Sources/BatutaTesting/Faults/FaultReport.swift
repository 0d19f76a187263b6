public import BatutaCore
import Glibc

/// What became of runs under one fault: a row of the table that `make test` and `make soak` print.
public struct FaultReport: Sendable {
    public var runs = 0
    /// Those that came to the end that they would have had without the fault, or to the one that somebody asked for.
    public var ended = 0
    /// Numbers that a client was not shown.
    public var gaps = 0
    /// Numbers that a client was shown twice.
    public var duplicates = 0
    /// Calls of tools that left twice although they may not.
    public var effectsTwice = 0
    /// How much later an event reached a client of another node, at most.
    public var longestDelay: Duration?

    public init() {}

    /// Whether it cost time and nothing else.
    public var isClean: Bool { ended == runs && gaps == 0 && duplicates == 0 && effectsTwice == 0 }

    /// Takes in what a client was shown of one run's session.
    ///
    /// - Parameter origin: Who was shown it on the node that wrote it.
    public mutating func add(_ run: RunID, shownTo client: EventCollector, origin: EventCollector? = nil) {
        let numbers = client.numbers
        runs += 1
        if client.hasEnd(of: run), !client.hasFailed(run) { ended += 1 }
        gaps += Int(numbers.max() ?? 0) - Set(numbers).count
        duplicates += numbers.count - Set(numbers).count
        guard let origin else { return }
        let here = client.arrivals
        let delays = origin.arrivals.compactMap { number, moment in here[number].map { $0 - moment } }
        longestDelay = ([longestDelay, .zero].compactMap(\.self) + delays).max()
    }

    /// - Parameter calls: Calls that reached a tool which may not be repeated.
    public mutating func add(effects calls: [ToolCall]) { effectsTwice += calls.count - Set(calls.map(\.id)).count }

    /// Adds the row to the file that `BATUTA_FAULTS` names, if it names one.
    ///
    /// - Parameter stores: The database and the bell.
    public func note(_ fault: String, _ stores: String) {
        guard let path = getenv("BATUTA_FAULTS") else { return }
        let delay = longestDelay.map { String($0.components.seconds * 1_000 + $0.components.attoseconds / 1_000_000_000_000_000) } ?? "-"
        let row =
            [fault, stores, "\(runs)", "\(ended)", "\(gaps)", "\(duplicates)", "\(effectsTwice)", delay].joined(separator: "|") + "\n"
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        _ = row.withCString { write(file, $0, strlen($0)) }
        close(file)
    }
}

/// How long the fault tests go on: `make soak` sets `BATUTA_SOAK=1`.
public enum Soak {
    public static let isOn = getenv("BATUTA_SOAK").map { String(cString: $0) } == "1"

    public static func rounds(_ quick: Int, soak: Int) -> Int { isOn ? soak : quick }
}
