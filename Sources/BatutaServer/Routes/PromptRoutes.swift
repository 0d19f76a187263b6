import BatutaAgents
import BatutaCore
import BatutaHTTP

/// `/v1/prompts`: what agents are told, the blocks that they include, the blocks' variants, and how all of them changed. For builders.
struct PromptRoutes: EndpointGroup {
    let project: ProjectServices
    let versions: PromptVersions
    /// nil where no folder is served.
    private let editor: PromptEditor?
    private let shelf = PromptShelf()

    init(project: ProjectServices, versions: PromptVersions) {
        self.project = project
        self.versions = versions
        editor = project.folder.map { PromptEditor(folder: $0, served: project.served) }
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/prompts", "List the project's prompts: agents, blocks and variants", role: .builder, list),
            Endpoint(
                .post,
                "/v1/prompts",
                "Write a prompt into the project's folder; refused with all problems when the project would be broken",
                role: .builder,
                write
            ),
            Endpoint(.get, "/v1/prompts/{name}", "Get a prompt with its text: agent:NAME, BLOCK or BLOCK@VARIANT", role: .builder, get),
            Endpoint(.get, "/v1/prompts/{name}/versions", "How a prompt changed, newest first", role: .builder, history),
            Endpoint(.get, "/v1/prompts/{name}/versions/{version}", "What a prompt was", role: .builder, version),
            Endpoint(
                .get,
                "/v1/prompts/{name}/diff",
                "What changed between two versions; without to, up to now",
                query: ["from", "to"],
                role: .builder,
                diff
            ),
            Endpoint(
                .post,
                "/v1/prompts/{name}/render",
                "Show a prompt as a model would be told it, with values of your choice",
                role: .builder,
                keepsUse: false,
                render
            ),
        ]
    }

    // MARK: What there is

    private func list(_ call: Call) async throws -> HTTPResponse {
        let prompts = await shelf.prompts(of: project.served.current.snapshot).prompts
        let changes = try await versions.summary()
        return .json(["data": .array(prompts.map { $0.json(changes[$0.path]) }), "next_cursor": .null])
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        let prompt = try await prompt(call)
        var object = prompt.json(try await versions.summary()[prompt.path]).object ?? [:]
        object["text"] = .string(prompt.text)
        return .json(.object(object))
    }

    private func prompt(_ call: Call) async throws -> ProjectPrompts.Prompt {
        let name = call.request.parameters["name"]
        guard let prompt = await shelf.prompts(of: project.served.current.snapshot)[name] else {
            throw API.missing(.prompt, name)
        }
        return prompt
    }

    // MARK: Editing

    /// `version` is that of the text that was edited: somebody else's change meanwhile is not overwritten.
    private func write(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["name", "text", "version"])
        let name = fields.requiredString("name"), text = fields.requiredString("text"), version = fields.string("version")
        if fields.value("name") != nil, ProjectPrompts.path(of: name) == nil { fields.refuse("name", Self.nameRule) }
        try fields.check()
        guard let editor else { throw Self.noFolder }
        do {
            let written = try await editor.write(PromptEditor.Wish(name: name, text: text, version: version))
            try await versions.attribute(written.prompt.path, hash: written.prompt.version, to: call.principal.id)
            var object = written.prompt.json(try await versions.summary()[written.prompt.path]).object ?? [:]
            object["text"] = .string(written.prompt.text)
            return .json(.object(object), status: written.isNew ? .created : .ok)
        } catch let refusal as PromptEditor.Refusal {
            throw Self.problem(refusal, name, call.reader)
        }
    }

    private static func problem(_ refusal: PromptEditor.Refusal, _ name: String, _ reader: Language) -> Problem {
        switch refusal {
        case .noName: API.missing(.prompt, name)
        case .changed: changed(name)
        case .broken(let problems): broken(problems, reader)
        case .renamed: Problem(.badRequest, code: "invalid_request", renamed(name), field: "text")
        case .taken(let path, let other): Problem(.conflict, code: "path_taken", taken(path, other))
        case .notWritten(let words): Problem(.conflict, code: "not_written", words)
        }
    }

    private static func renamed(_ name: String) -> Words {
        Words(
            "This text says another name than \(name). A prompt keeps its name: take `name` out, or write it under the other one.",
            "Este texto diz outro nome que não \(name). Um prompt mantém o nome: tire `name` do texto, ou grave com o outro."
        )
    }

    private static func taken(_ path: String, _ other: String) -> Words {
        Words(
            "\(path) holds the prompt \(other), which would be lost: choose another name, or move that file first.",
            "\(path) guarda o prompt \(other), que se perderia: escolha outro nome, ou mude aquele arquivo de lugar antes."
        )
    }

    private static let nameRule = Words(
        "must be agent:NAME, BLOCK or BLOCK@VARIANT, of letters of ASCII, digits, _ and -",
        "precisa ser agent:NOME, BLOCO ou BLOCO@VARIANTE, com letras sem acento, dígitos, _ e -"
    )
    private static let noFolder = Problem(
        .conflict,
        code: "no_project_folder",
        Words(
            "This node serves no project folder: edit the files where they are, and restart or deploy it.",
            "Este nó não serve uma pasta de projeto: edite os arquivos onde eles estão e reinicie ou publique de novo."
        )
    )

    private static func changed(_ name: String) -> Problem {
        Problem(
            .conflict,
            code: "version_conflict",
            Words(
                "\(name) was changed meanwhile: read it again and put your change in.",
                "\(name) mudou nesse meio-tempo: leia de novo e refaça a sua mudança."
            )
        )
    }

    /// Nothing was written.
    private static func broken(_ problems: [ProjectProblem], _ reader: Language) -> Problem {
        let errors = problems.filter { $0.severity == .error }
        let detail = Words(errors.report(.english), errors.report(.portuguese))
        return Problem(
            .unprocessableContent,
            code: "broken_project",
            detail: detail,
            errors: errors.map { Problem.FieldError(field: "\($0.path):\($0.line)", message: $0.message) }
        )
    }

    // MARK: How it changed

    private func history(_ call: Call) async throws -> HTTPResponse {
        let path = try await path(call), rows = try await versions.list(path)
        guard !rows.isEmpty else { throw API.missing(.prompt, call.request.parameters["name"]) }
        let current = await project.served.current.snapshot.files[path].map(PromptVersion.hash(of:)) ?? ""
        let data = rows.enumerated().map { $1.json(isCurrent: $0 == 0 && $1.hash == current) }
        return .json(["data": .array(data), "next_cursor": .null])
    }

    private func version(_ call: Call) async throws -> HTTPResponse {
        let hash = call.request.parameters["version"]
        return .json([
            "name": .string(call.request.parameters["name"]), "version": .string(hash), "text": .string(try await text(hash, call)),
        ])
    }

    private func diff(_ call: Call) async throws -> HTTPResponse {
        guard let from = call.request.query["from"] else {
            throw Problem(
                .badRequest,
                code: "invalid_query",
                Words("from is required: a version.", "from é obrigatório: uma versão."),
                field: "from"
            )
        }
        let to = call.request.query["to"]
        let old = try await text(from, call)
        var new = "", name = to ?? ""
        if let to {
            new = try await text(to, call)
        } else {
            let prompt = try await prompt(call)
            (new, name) = (prompt.text, prompt.version)
        }
        let diff = await withTaskExecutorPreference(globalConcurrentExecutor) { [new] in LineDiff(from: old, to: new) }
        return .json([
            "from": .string(from), "to": .string(name), "added": .int(Int64(diff.added)), "removed": .int(Int64(diff.removed)),
            "lines": diff.json,
        ])
    }

    private func text(_ hash: String, _ call: Call) async throws -> String {
        guard let text = try await versions.content(try await path(call), hash: hash) else { throw API.missing(.version, hash) }
        return text
    }

    /// A prompt that the project has no more has versions still. An agent's file may be called otherwise than the agent.
    private func path(_ call: Call) async throws -> String {
        let name = call.request.parameters["name"]
        if let prompt = await shelf.prompts(of: project.served.current.snapshot)[name] { return prompt.path }
        guard let path = ProjectPrompts.path(of: name) else { throw API.missing(.prompt, name) }
        return path
    }

    // MARK: What a model would be told

    private func render(_ call: Call) async throws -> HTTPResponse {
        let prompt = try await prompt(call)
        var fields = try Fields(call.body, known: ["variables", "variants", "language", "agent", "user_id", "text"])
        var wish = PromptPreview.Wish(name: prompt.name, language: call.language, user: call.principal.id)
        wish.variables = fields.object("variables")?.object ?? [:]
        for (name, value) in fields.object("variants")?.object ?? [:] {
            if let variant = value.string { wish.variants[name] = variant } else { fields.refuse("variants.\(name)", .mustBeText) }
        }
        wish.language = fields.string("language") ?? wish.language
        wish.agent = fields.string("agent")
        wish.user = fields.string("user_id") ?? wish.user
        wish.body = fields.string("text")
        try fields.check()
        let current = await project.served.current
        do throws(PromptPreview.Failure) {
            let preview = try await withTaskExecutorPreference(globalConcurrentExecutor) { [wish] () throws(PromptPreview.Failure) in
                try PromptPreview(wish, files: current.snapshot.files, values: current.variables)
            }
            return .json(preview.json)
        } catch {
            for problem in error.problems { fields.refuse(problem.field, problem.message) }
            try fields.check()
            throw error
        }
    }
}

extension Words {
    fileprivate static let mustBeText = Words("must be a string", "precisa ser um texto")
}

extension ProjectPrompts.Prompt {
    /// - Parameter changes: How often its file changed, and when last.
    fileprivate func json(_ changes: (count: Int, at: Timestamp)?) -> JSON {
        [
            "name": .string(name), "kind": .string(kind.rawValue), "path": .string(path), "description": .string(description),
            "version": .string(version), "versions": .int(Int64(changes?.count ?? 0)),
            "changed_at": changes.map { .string($0.at.rfc3339) } ?? .null, "size": .int(Int64(text.utf8.count)),
            "includes": .array(includes.map(JSON.string)), "used_by": .array(usedBy.map(JSON.string)),
            "variables": .array(
                variables.map { variable in
                    [
                        "name": .string(variable.name), "type": .string(variable.type), "default": variable.default ?? .null,
                        "description": .string(variable.description),
                    ]
                }
            ),
            "variants": .array(weights.map { ["variant": .string($0.name), "weight": .int(Int64($0.weight))] }),
        ]
    }
}

extension PromptVersion {
    fileprivate func json(isCurrent: Bool) -> JSON {
        [
            "version": hash.isEmpty ? .null : .string(hash), "removed": .bool(hash.isEmpty), "at": .string(at.rfc3339),
            "snapshot": .string(snapshot), "size": .int(Int64(size)), "current": .bool(isCurrent),
            "author": author.map(JSON.string) ?? .null,
        ]
    }
}

extension PromptPreview {
    fileprivate var json: JSON {
        [
            "agent": .string(agent), "text": .string(text), "bytes": .int(Int64(text.utf8.count)),
            "variants": .object(JSONObject(variants.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) })),
            "variables": .object(values),
        ]
    }
}
