public import BatutaCore

/// `current_time`: the project clock, in a zone of the caller's choice.
public struct CurrentTimeTool: Tool {
    public static let definition = ToolDefinition(
        name: "current_time",
        description:
            "Tells the current date and time. Give an IANA time zone (for example America/Sao_Paulo) for local time; without one it is the project's.",
        parameters: [
            "type": "object",
            "properties": ["time_zone": ["type": "string", "description": "IANA time zone name, e.g. America/Sao_Paulo", "maxLength": 64]],
            "additionalProperties": false,
        ],
        effect: .read,
        retry: RetryPolicy(attempts: 1, timeout: .seconds(5)),
        repeatsAllowed: true
    )

    public var definition: ToolDefinition { Self.definition }

    private let clock: any ProjectClock
    private let defaultZone: String

    public init(clock: any ProjectClock, defaultZone: String = "UTC") {
        self.clock = clock
        self.defaultZone = defaultZone
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let name = call.arguments["time_zone"]?.string ?? defaultZone
        guard let zone = TimeZoneRules.named(name) else {
            let words = "There is no time zone \(quoted(name)). Use an IANA name such as America/Sao_Paulo, Europe/Lisbon or UTC."
            return ToolAttempt(.failure(words, code: ToolCode.invalidArguments.rawValue), failure: .rejected)
        }
        return ToolAttempt(.success(Self.describe(clock.now(), in: zone)))
    }

    static func describe(_ now: Timestamp, in zone: TimeZoneRules) -> JSON {
        let offset = zone.offset(at: now)
        let local = now.advanced(by: .seconds(offset.seconds))
        let clockFace = local.rfc3339.prefix(19)
        return [
            "time": .string(clockFace + isoOffset(offset.seconds)),
            "time_zone": .string(zone.name),
            "abbreviation": .string(offset.abbreviation),
            "weekday": .string(weekday(of: local)),
            "unix": .int(floorSeconds(now)),
        ]
    }

    private static func floorSeconds(_ moment: Timestamp) -> Int64 {
        let (seconds, rest) = moment.milliseconds.quotientAndRemainder(dividingBy: 1_000)
        return rest < 0 ? seconds - 1 : seconds
    }

    private static func weekday(of local: Timestamp) -> String {
        let names = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
        let (day, rest) = floorSeconds(local).quotientAndRemainder(dividingBy: 86_400)
        let index = Int(((rest < 0 ? day - 1 : day) % 7 + 7) % 7)
        return names[index]
    }

    /// `-03:00`; seconds of historic local mean times are left out.
    private static func isoOffset(_ seconds: Int) -> String {
        let minutes = abs(seconds) / 60
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(seconds < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
