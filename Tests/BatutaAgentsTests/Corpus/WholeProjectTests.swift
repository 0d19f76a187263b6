import BatutaAgents
import BatutaCore
import Testing

/// A project with every key of the language: what the field tables know stands in it, and nothing is said of it.
@Suite struct WholeProjectTests {
    private static let files = BrokenProject.whole.files.mapValues { Array($0.utf8) }

    @Test func `a project with every key loads without a problem`() throws {
        let load = Project.load(files: Self.files)
        // Schedules and channels are told not to be at work yet.
        let rest = load.problems.filter { !$0.message.english.hasSuffix("in this version") }
        #expect(rest.isEmpty, "\(rest.report(.english))")
        let project = try #require(load.project)
        #expect(project.schedules.map(\.name) == ["budget_check", "daily_report", "tidy"])
        #expect(project.schedules.map(\.timeZone) == Array(repeating: "America/Sao_Paulo", count: 3))
        #expect(project.schedules[2].timing == .every(.seconds(21_600)) && project.schedules[2].runAs == "member@example.com")
        #expect(project.schedules[0].fanOut == .everyUser && project.schedules[1].fanOut == .users("profile.whatsapp_enabled"))
        guard case .monitor(let monitor) = project.schedules[0].work else {
            Issue.record("budget_check is a monitor")
            return
        }
        #expect(
            monitor.alerts.map(\.level) == [.critical, .warning] && monitor.oncePer == .month && monitor.channels == ["web", "whatsapp"]
        )
        #expect(project.channels.map(\.kind) == [.whatsapp, .slack, .discord, .telegram, .email])
        #expect(project.channels.first?.settings["template.alert"] == "alarm")
    }

    @Test(arguments: ProjectSchema.Kind.allCases)
    func `every key that this version takes stands in it, and editors take what stands in it`(_ kind: ProjectSchema.Kind) throws {
        let schema = ProjectSchema.json(kind: kind, language: .english)
        let values = try Self.values(of: kind)
        let used = values.reduce(into: Set<String>()) { $0.formUnion(SchemaKeys.used(in: $1, schema)) }
        #expect(SchemaKeys.declared(in: schema).subtracting(used).sorted() == [])
        let compiled = try JSONSchema(schema)
        for value in values { #expect(compiled.violations(of: value).isEmpty, "\(compiled.violations(of: value))") }
    }

    @Test func `an empty value counts as none, for editors too, where a key may be left out`() throws {
        func violations(_ kind: ProjectSchema.Kind, _ value: JSON) throws -> Int {
            try JSONSchema(ProjectSchema.json(kind: kind, language: .english)).violations(of: value).count
        }
        #expect(try violations(.agent, ["output_schema": .null, "response_cache": .null, "model": .null, "memory": .null]) == 0)
        #expect(try violations(.team, ["mode": .null]) > 0)
        let load = Project.load(files: Self.files.merging(["agents/x.md": Array("---\noutput_schema:\nmodel:\n---\nHi".utf8)]) { $1 })
        #expect(load.problems.errors.isEmpty, "\(load.report(.english))")
    }

    /// The language that this version reads over, key by key: whoever builds one takes it from here, into the project.
    @Test func `the keys that have no effect yet are these, and each says so when somebody writes it`() throws {
        let silent = ["agent.knowledge: [handbook]"]
        // MCP servers stand in batuta.yaml: in a tool's file the word is refused.
        let refused = ["tool.mcp"]
        var found: [String] = []
        for kind in ProjectSchema.Kind.allCases {
            let schema = ProjectSchema.json(kind: kind, language: .english)
            let used = try Self.values(of: kind).reduce(into: Set<String>()) { $0.formUnion(SchemaKeys.used(in: $1, schema)) }
            found += SchemaKeys.free(in: schema).subtracting(used).map { kind.rawValue + $0 }
        }
        #expect(found.sorted() == silent.map { String($0.prefix { $0 != ":" }) } + refused)
        for key in silent {
            var files = Self.files
            let line = key.split(separator: ".", maxSplits: 1)[1]
            let text = String(decoding: files["agents/analyzer.md"] ?? [], as: UTF8.self)
            files["agents/analyzer.md"] = Array(text.replacing("name: analyzer\n", with: "name: analyzer\n\(line)\n").utf8)
            let told = Project.load(files: files).problems.filter { $0.path == "agents/analyzer.md" }
            #expect(told.map(\.severity) == [.warning] && told.first?.message.english.contains("has no effect") == true, "\(line)")
        }
    }

    /// What stands in the files of a kind.
    private static func values(of kind: ProjectSchema.Kind) throws -> [JSON] {
        let folder = kind == .project ? "batuta.yaml" : kind == .policy ? "policies/" : "\(kind.rawValue)s/"
        let isNote: (String) -> Bool = { kind == .skill && !$0.hasSuffix("/SKILL.md") }
        let written = files.filter { !isNote($0.key) && $0.key.hasPrefix(folder) && ($0.key.hasSuffix(".yaml") || $0.key.hasSuffix(".md")) }
        return try written.sorted { $0.key < $1.key }.map { path, bytes in
            guard path.hasSuffix(".md") else { return try YAML.parse(bytes).json }
            return try FrontMatter.split(bytes).header?.root?.json ?? [:]
        }
    }
}

/// The keys of a file's schema, as paths; entries of tables are `*`.
private enum SchemaKeys {
    static func declared(in schema: JSON) -> Set<String> { Set(all(in: schema, at: "").filter { !$0.isFree }.map(\.path)) }

    /// Keys of which the schema says nothing: this version reads over them, or takes anything.
    static func free(in schema: JSON) -> Set<String> { Set(all(in: schema, at: "").filter(\.isFree).map(\.path)) }

    private static func all(in schema: JSON, at path: String) -> [(path: String, isFree: Bool)] {
        var keys: [(path: String, isFree: Bool)] = []
        for (name, property) in schema["properties"]?.object ?? [:] {
            keys.append(("\(path).\(name)", property.object.map { $0.keys == ["description"] } ?? true))
            keys += all(in: property, at: "\(path).\(name)")
        }
        if let entry = schema["additionalProperties"], entry.object != nil { keys += all(in: entry, at: path + ".*") }
        for part in [schema["items"]].compactMap(\.self) + (schema["anyOf"]?.array ?? []) { keys += all(in: part, at: path) }
        return keys
    }

    static func used(in value: JSON, _ schema: JSON, at path: String = "") -> Set<String> {
        var keys: Set<String> = []
        for (name, member) in value.object ?? [:] {
            if let property = schema["properties"]?[name] {
                keys.insert("\(path).\(name)")
                keys.formUnion(used(in: member, property, at: "\(path).\(name)"))
            } else if let entry = schema["additionalProperties"], entry.object != nil {
                keys.formUnion(used(in: member, entry, at: path + ".*"))
            }
        }
        for element in value.array ?? [] { if let items = schema["items"] { keys.formUnion(used(in: element, items, at: path)) } }
        for part in schema["anyOf"]?.array ?? [] { keys.formUnion(used(in: value, part, at: path)) }
        return keys
    }
}
