import BatutaAgents
import BatutaCore
import BatutaModels
import Foundation
import Glibc
import Testing

@Suite struct ProjectTemplateTests {
    @Test(arguments: ["en", "pt-BR"])
    func `the hello template has no problem and rehearses without a key`(language: String) throws {
        let files = try #require(ProjectTemplate.files(named: "hello", language: Language(tag: language)))
        let load = Project.load(files: files)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let project = try #require(load.project)
        #expect(project.language == language)
        #expect(project.agent(for: nil)?.tools == ["current_time", "http_get", "exchange_rate"])
        let check = project.check(EnvironmentView([:]), rehearse: false)
        #expect(check.isRehearsal)
        #expect(check.message == nil)
        #expect(project.rehearsals.last?.when == nil)
    }

    @Test(arguments: [
        ("en", "pt-BR", "Que horas são?", ["Que horas são?", "Quanto vale um dólar?", "Leia https://example.com"]),
        ("en", "pt-BR", "What time is it?", ["Que horas são?", "Quanto vale um dólar?", "Leia https://example.com"]),
        ("pt-BR", "en", "What time is it?", ["What time is it?", "How many euros is one dollar?", "Read https://example.com"]),
    ])
    func `whatever the project's language, a rehearsal is for whoever reads it, and knows the other language's questions too`(
        _ project: String,
        _ reader: String,
        _ question: String,
        _ suggestions: [String]
    ) async throws {
        let files = try #require(ProjectTemplate.files(named: "hello", language: Language(tag: project)))
        let loaded = try #require(Project.load(files: files).project)
        let provider = RehearsalProvider(scripts: loaded.rehearsals, language: loaded.language)
        #expect(provider.suggestions(for: "assistant", in: reader) == suggestions)
        let settings = ModelSettings(name: "default", provider: "rehearsal", model: "script")
        var request = ModelRequest(settings: settings, agent: "assistant", system: "", turns: [.user(question)], tools: [])
        request.language = reader
        #expect(try await provider.answer(request) { _ in }.calls.map(\.tool) == ["current_time"])
        request.turns = [.user("zzz")]
        let lost = try await provider.answer(request) { _ in }
        #expect(lost.text.hasPrefix(reader == "en" ? "No model is connected" : "Não há um modelo conectado"))
        #expect(lost.suggestions == suggestions)
    }

    @Test(arguments: [
        ("en", "What time is it?", "current_time"), ("en", "How many euros is one dollar?", "exchange_rate"),
        ("en", "Read https://example.com", "http_get"),
        ("pt-BR", "Que horas são?", "current_time"), ("pt-BR", "Quanto vale um dólar?", "exchange_rate"),
        ("pt-BR", "Leia https://example.com", "http_get"),
    ])
    func `what the fallback suggests is answered by a script`(language: String, message: String, tool: String) throws {
        let project = try #require(
            Project.load(files: ProjectTemplate.files(named: "hello", language: Language(tag: language)) ?? [:]).project
        )
        #expect(project.rehearsals.contains { $0.language == language && $0.suggestions.contains(message) })
        let script = try #require(project.rehearsals.first { $0.language == language && $0.when?.matches(message) ?? true })
        guard case .calls(let calls)? = script.steps.first else {
            Issue.record("the script calls nothing")
            return
        }
        #expect(calls.map(\.tool) == [tool])
        try check(script, message, calls, project)
    }

    /// The arguments fit the tool, and both outcomes can be said.
    private func check(_ script: RehearsalScript, _ message: String, _ calls: [RehearsalScript.Call], _ project: Project) throws {
        let groups = script.when?.firstMatch(in: message)?.named.mapValues(JSON.string) ?? [:]
        let match = JSON.object(JSONObject(groups.map { ($0.key, $0.value) }))
        let arguments = try JSONTemplate(.object(calls[0].arguments)).render(
            in: ExpressionScope(["match": match, "results": [], "input": .string(message)])
        )
        if let tool = project.tools.first(where: { $0.definition.name == calls[0].tool }) {
            #expect(try JSONSchema(tool.definition.parameters).violations(of: arguments).isEmpty)
        }
        guard case .say(let words)? = script.steps.last else { return }
        let data: JSON = [
            "time": "2026-01-19T15:04:05-03:00", "time_zone": "UTC", "weekday": "Monday", "rate": 5.4321, "date": "2026-01-19",
            "title": "T",
        ]
        let good = ExpressionScope(["match": match, "input": "", "results": [["success": true, "data": data]]])
        #expect(try !TextTemplate(words).render(in: good).contains("${"))
        if calls[0].tool != "current_time" {
            let bad = ExpressionScope(["match": match, "input": "", "results": [["success": false, "error": "offline"]]])
            #expect(try TextTemplate(words).render(in: bad).hasSuffix("offline"))
        }
    }

    @Test(arguments: [("kitchen", "kitchen"), ("my kitchen", "hello")])
    func `a new project bears its folder's name, where that can be a name`(folder: String, name: String) throws {
        let place = try ProjectTestFolder()
        _ = try ProjectTemplate.write(named: "hello", language: .english, into: place.path + "/" + folder)
        #expect(Project.load(folder: place.path + "/" + folder).project?.name == name)
        let page = try String(contentsOfFile: place.path + "/" + folder + "/README.md", encoding: .utf8)
        #expect(page.hasPrefix("# \(name)\n"))
    }

    @Test(arguments: ["current_time", "http_get", "exchange_rate"])
    func `an agent of the template may lose a tool`(tool: String) throws {
        var files = try #require(ProjectTemplate.files(named: "hello", language: .english))
        let agent = String(decoding: files["agents/assistant.md"] ?? [], as: UTF8.self)
        let kept = ["current_time", "http_get", "exchange_rate"].filter { $0 != tool }
        files["agents/assistant.md"] = Array(
            agent.replacing("[current_time, http_get, exchange_rate]", with: "[\(kept.joined(separator: ", "))]").utf8
        )
        files["tools/\(tool).yaml"] = nil
        let load = Project.load(files: files)
        #expect(load.project?.agent(for: nil)?.tools == kept, "\(load.report(.english))")
        let warned = ["rehearsals/assistant.yaml", "rehearsals/assistente.yaml"]
        #expect(load.problems.warnings.map(\.path) == warned, "\(load.report(.english))")
    }

    /// The list in CTemplates.c against templates/.
    @Test func `every file under templates is built in`() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/templates"
        for template in try names(in: root) {
            for language in try names(in: "\(root)/\(template)") {
                let embedded = try #require(ProjectTemplate.files(named: template, language: Language(tag: language)))
                #expect(embedded.keys.sorted() == (try files(below: "\(root)/\(template)/\(language)")).sorted())
            }
        }
        #expect(ProjectTemplate.names == (try names(in: root)))
    }

    @Test(arguments: [("pt_BR.UTF-8", "pt-BR"), ("pt-BR", "pt-BR"), ("C", "en"), ("de_DE", "en"), ("", "en")])
    func `a template is written in the reader's language, with schemas for editors`(lang: String, language: String) throws {
        let folder = try ProjectTestFolder()
        let target = folder.path + "/new/project"
        let written = try ProjectTemplate.write(named: "hello", language: Language(tag: lang), into: target)
        #expect(written.contains("agents/assistant.md"))
        #expect(written.contains(".gitignore"))
        #expect(Project.load(folder: target).project?.language == language)
        #expect(access(target + "/.batuta/schema/tool.json", R_OK) == 0)
    }

    @Test func `a folder that is not empty is left as it is`() throws {
        let folder = try ProjectTestFolder()
        try folder.write("mine", to: ".hidden")
        #expect { try ProjectTemplate.write(named: "hello", language: .english, into: folder.path) } throws: {
            ($0 as? ProjectTemplateError)?.code == .notEmpty
        }
        #expect(try files(below: folder.path) == [".hidden"])
        #expect { try ProjectTemplate.write(named: "helo", language: .english, into: folder.path) } throws: {
            "\($0)".contains("did you mean `hello`?")
        }
    }

    @Test(arguments: ProjectSchema.Kind.allCases)
    func `schemas compile and accept the files of the template`(kind: ProjectSchema.Kind) throws {
        let schema = try JSONSchema(ProjectSchema.json(kind: kind, language: .english))
        let files = try #require(ProjectTemplate.files(named: "hello", language: .english))
        let example = try example(kind, files)
        #expect(schema.violations(of: example).isEmpty, "\(schema.violations(of: example))")
        let portuguese = try JSONSchema(ProjectSchema.json(kind: kind, language: .portuguese))
        #expect(portuguese.accepts(example))
        #expect(portuguese.source != schema.source)
        #expect(!schema.accepts([1]))
        // Files of other conventions have keys of their own.
        if kind != .agent, kind != .skill { #expect(!schema.accepts(["no_such_key": 1])) }
    }

    private func example(_ kind: ProjectSchema.Kind, _ files: [String: [UInt8]]) throws -> JSON {
        switch kind {
        case .project: try YAML.parse(files["batuta.yaml"] ?? []).json
        case .tool: try YAML.parse(files["tools/exchange_rate.yaml"] ?? []).json
        case .rehearsal: try YAML.parse(files["rehearsals/assistant.yaml"] ?? []).json
        case .agent: try FrontMatter.split(files["agents/assistant.md"] ?? []).header?.root?.json ?? .null
        case .policy: ["tool": "pay", "rules": []]
        case .team: ["mode": "coordinate", "leader": "assistant", "members": ["clerk"]]
        case .prompt: ["weight": 50]
        case .skill: ["description": "How reports are written."]
        case .schedule: ["cron": "0 18 * * *", "run": ["target": "agent:assistant", "content": "Hello"]]
        }
    }

    private func names(in folder: String) throws -> [String] {
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func files(below folder: String) throws -> [String] {
        try names(in: folder).flatMap { name -> [String] in
            var status = stat()
            stat("\(folder)/\(name)", &status)
            guard status.st_mode & S_IFMT == S_IFDIR else { return [name] }
            return try files(below: "\(folder)/\(name)").map { "\(name)/\($0)" }
        }
    }
}
