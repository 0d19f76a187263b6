public import BatutaCore

/// What the interpreter says of a project's files of Python tools: their tools, and what is wrong with them. Part of the project's snapshot, so
/// that a node without the files' environment knows the same tools.
public struct PythonManifest: Sendable, Hashable {
    /// By the files' names within `tools/`.
    public var files: [String: File]

    public struct File: Sendable, Hashable {
        public var tools: [Tool]
        /// Every function that a tool of kind `python` may name, with its line.
        public var functions: [String: Int]
        /// What those take, as far as their type hints can be described: JSON Schema of an object.
        public var schemas: [String: JSON]
        public var problems: [Problem]

        public init(tools: [Tool] = [], functions: [String: Int] = [:], schemas: [String: JSON] = [:], problems: [Problem] = []) {
            self.tools = tools
            self.functions = functions
            self.schemas = schemas
            self.problems = problems
        }
    }

    /// A function that is marked as a tool.
    public struct Tool: Sendable, Hashable {
        public var name: String
        public var function: String
        public var line: Int
        public var description: String
        public var parameters: JSON
        /// The keywords that the mark knows.
        public static let keywords = [
            "effect", "idempotent", "name", "description", "timeout", "retry", "cache", "invalidates", "repeats", "connections", "check",
            "settle",
        ]
        /// What else the mark says: `effect`, `idempotent`, `timeout`, `retry`, `cache`, `invalidates`, `repeats`, `connections`,
        /// `check`, `settle`.
        public var options: JSONObject
    }

    public struct Problem: Sendable, Hashable {
        /// Which words a person is told; `message` and `name` go into them.
        public enum Code: String, Sendable, CaseIterable {
            /// The file is no Python.
            case syntax
            /// It imports something that is not installed; `name` says what.
            case missing
            /// It raises while it is imported.
            case `import`
            /// Its import takes too long; `message` says how many seconds it was given, the line where it was then.
            case slow
            /// Its name is that of a module of the standard library.
            case shadows
            /// A tool without an effect, or with another word for it.
            case effect
            /// The mark has a keyword that there is not.
            case option
            /// Parameters that cannot be described.
            case parameters
            /// A parameter without a type.
            case bare
            /// A tool without a description.
            case docstring
            /// The interpreter did not get as far as saying anything.
            case interpreter
        }

        public var code: Code
        public var line: Int
        public var message: String
        public var name: String

        public init(_ code: Code, line: Int = 1, message: String = "", name: String = "") {
            self.code = code
            self.line = line
            self.message = message
            self.name = name
        }
    }

    public init(files: [String: File] = [:]) { self.files = files }

    /// Reads what a snapshot holds; nil when it is none.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), let files = json["files"]?.object else { return nil }
        self.files = Dictionary(files.map { ($0.key, File($0.value)) }) { first, _ in first }
    }

    /// Canonical JSON.
    public var bytes: [UInt8] {
        let files = files.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
        return JSON.object(["version": 1, "files": .object(JSONObject(files))]).canonicalBytes
    }
}

extension PythonManifest.File {
    /// Reads what `batuta.py describe` says.
    init(_ json: JSON) {
        tools = (json["tools"]?.array ?? []).compactMap(PythonManifest.Tool.init)
        functions = Dictionary((json["functions"]?.object ?? [:]).map { ($0.key, Int($0.value.int ?? 1)) }) { first, _ in first }
        schemas = Dictionary((json["schemas"]?.object ?? [:]).map { ($0.key, $0.value) }) { first, _ in first }
        problems = (json["problems"]?.array ?? []).compactMap(PythonManifest.Problem.init)
    }

    fileprivate var json: JSON {
        let functions = functions.sorted { $0.key < $1.key }.map { ($0.key, JSON.int($0.value)) }
        return [
            "tools": .array(tools.map(\.json)), "functions": .object(JSONObject(functions)),
            "schemas": .object(JSONObject(schemas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
            "problems": .array(problems.map(\.json)),
        ]
    }
}

extension PythonManifest.Tool {
    private static let own: Set<String> = ["name", "function", "line", "description", "parameters"]

    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, let function = json["function"]?.string, let members = json.object else { return nil }
        self.name = name
        self.function = function
        line = Int(json["line"]?.int ?? 1)
        description = json["description"]?.string ?? ""
        parameters = json["parameters"] ?? ["type": "object", "properties": [:]]
        options = JSONObject(members.filter { !Self.own.contains($0.key) && !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    fileprivate var json: JSON {
        var members: JSONObject = [
            "name": .string(name), "function": .string(function), "line": .int(line), "description": .string(description),
            "parameters": parameters,
        ]
        for (key, value) in options { members[key] = value }
        return .object(members)
    }
}

extension PythonManifest.Problem {
    fileprivate init?(_ json: JSON) {
        guard let code = json["code"]?.string.flatMap(Code.init) else { return nil }
        self.init(code, line: Int(json["line"]?.int ?? 1), message: json["message"]?.string ?? "", name: json["name"]?.string ?? "")
    }

    fileprivate var json: JSON {
        ["code": .string(code.rawValue), "line": .int(line), "message": .string(message), "name": .string(name)]
    }
}
