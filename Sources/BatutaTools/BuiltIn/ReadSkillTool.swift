public import BatutaCore

/// Something that an agent can read up on (PROJECT.md, skills): a text, and the files beside it.
public struct Skill: Sendable, Hashable {
    public var name: String
    /// When it is of use: what the prompt says of it.
    public var description: String
    /// The text of SKILL.md below its front matter.
    public var body: String
    /// The other files of its folder, by their path within it.
    public var files: [String: String]

    public init(name: String, description: String, body: String, files: [String: String] = [:]) {
        self.name = name
        self.description = description
        self.body = body
        self.files = files
    }
}

/// `read_skill`: the model reads a skill that its agent has, or a file of one.
public struct ReadSkillTool: Tool {
    public static let name = "read_skill"
    /// Bytes of a file that are given at once.
    private static let mostBytes = 100_000

    private let skills: [String: Skill]
    private let agents: [String: [String]]

    /// - Parameter agents: Names of the skills of each agent.
    public init(_ skills: [Skill], agents: [String: [String]]) {
        self.skills = Dictionary(skills.map { ($0.name, $0) }) { first, _ in first }
        self.agents = agents
    }

    public var definition: ToolDefinition { Self.definition }

    public static let definition = ToolDefinition(
        name: name,
        description: "Reads one of your skills, or with `file` a file that a skill names, by its path within the skill.",
        parameters: [
            "type": "object",
            "properties": [
                "name": ["type": "string", "description": "The skill's name"],
                "file": [
                    "type": "string", "description": "A file of the skill, such as references/forms.md; without it, the skill itself",
                ],
                "from": [
                    "type": "integer", "minimum": 0,
                    "description": "Where to go on in a long text, as its cut end says; the beginning unless given",
                ],
            ],
            "required": ["name"], "additionalProperties": false,
        ],
        repeatsAllowed: true
    )

    /// What stands in the instructions of an agent that has these.
    public static func offer(_ skills: [Skill]) -> String {
        let lines = skills.map { "- \($0.name): \($0.description.split(whereSeparator: \.isWhitespace).joined(separator: " "))" }
        return "\n\nYou have skills: instructions for certain tasks. When a task fits one, read it with read_skill before you begin.\n"
            + lines.joined(separator: "\n")
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let own = (agents[call.context.agent] ?? []).compactMap { skills[$0] }
        let wanted = call.arguments["name"]?.string ?? ""
        guard let skill = own.first(where: { $0.name == wanted }) else {
            return .refused("There is no skill \(quoted(wanted)).\(Self.nearest(wanted, own.map(\.name), "Your skills"))", .badValue)
        }
        let start = call.arguments["from"]?.int.map { Int($0) } ?? 0
        guard let file = call.arguments["file"]?.string, !file.isEmpty, file != "SKILL.md" else { return Self.whole(skill, from: start) }
        guard let path = Self.path(file) else {
            return .refused("\(quoted(file)) is no path within the skill: write it without a leading / and without ..", .badValue)
        }
        guard let text = skill.files[path] else {
            let words = "The skill \(skill.name) has no file \(quoted(file))."
            return .refused(words + Self.nearest(path, skill.files.keys.sorted(), "Its files"), .badValue)
        }
        return ToolAttempt(
            .success(["skill": .string(skill.name), "file": .string(path), "text": .string(Self.part(of: text, from: start))])
        )
    }

    private static func whole(_ skill: Skill, from start: Int) -> ToolAttempt {
        var data: JSONObject = ["skill": .string(skill.name), "text": .string(part(of: skill.body, from: start))]
        if !skill.files.isEmpty { data["files"] = .array(skill.files.keys.sorted().map { .string($0) }) }
        return ToolAttempt(.success(.object(data)))
    }

    /// `./a/b.md` is `a/b.md`; nil for what leads out of the folder or begins outside it.
    private static func path(_ text: String) -> String? {
        guard !text.hasPrefix("/"), !text.contains("\\"), !text.contains("\0") else { return nil }
        let parts = text.split(separator: "/").filter { $0 != "." }
        return parts.contains("..") || parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    private static func nearest(_ name: String, _ known: [String], _ what: String) -> String {
        if known.isEmpty { return " There are none." }
        let near = nearestNames(to: name, among: known)
        let meant = near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
        return "\(meant) \(what): \(known.prefix(100).joined(separator: ", "))."
    }

    /// As much of a text as is given at once, from a byte on, in whole characters.
    private static func part(of text: String, from start: Int) -> String {
        let bytes = Array(text.utf8)
        let first = beginning(in: bytes, upTo: start), last = beginning(in: bytes, upTo: first + mostBytes)
        let part = String(decoding: bytes[first..<last], as: UTF8.self)
        guard last < bytes.count else { return part }
        return part + "\n[cut after byte \(last) of \(bytes.count): read on with from: \(last)]"
    }

    /// The last place, at most so far on, at which no character of UTF-8 is cut.
    private static func beginning(in bytes: [UInt8], upTo place: Int) -> Int {
        var place = min(max(place, 0), bytes.count)
        while place > 0, place < bytes.count, bytes[place] & 0xC0 == 0x80 { place -= 1 }
        return place
    }
}
