public import BatutaHTTP
public import BatutaCore

/// The tools that need no file in a project. Each appears only in agents that name it.
public struct BuiltInTools: Sendable {
    /// What they need of the process.
    public struct Dependencies: Sendable {
        public var clock: any ProjectClock
        public var time: any MonotonicTime
        public var client: HTTPClient
        /// Rules for addresses that a model chose: public ones, and what the project allows beyond.
        public var allow: [String]
        /// The project's `time_zone`.
        public var timeZone: String

        public init(
            clock: any ProjectClock,
            client: HTTPClient,
            allow: [String],
            time: any MonotonicTime = SystemMonotonicTime(),
            timeZone: String = "UTC"
        ) {
            self.clock = clock
            self.client = client
            self.allow = allow
            self.time = time
            self.timeZone = timeZone
        }
    }

    /// For project loading and `check`: which names exist without a file, and how they are called.
    public static let definitions: [ToolDefinition] = [CurrentTimeTool.definition, HTTPGetTool.definition()]

    public static var names: [String] { definitions.map(\.name) }

    /// The tools of these names; other names are left out.
    public static func make(_ names: [String], with dependencies: Dependencies) -> [any Tool] {
        let wanted = Set(names)
        let all: [any Tool] = [
            CurrentTimeTool(clock: dependencies.clock, defaultZone: dependencies.timeZone),
            HTTPGetTool(client: dependencies.client, allow: dependencies.allow, clock: dependencies.clock, time: dependencies.time),
        ]
        return all.filter { wanted.contains($0.definition.name) }
    }
}
