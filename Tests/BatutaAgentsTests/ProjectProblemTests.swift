import BatutaAgents
import BatutaCore
import Testing

/// Every kind of mistake, with the line on which it is told.
@Suite struct ProjectProblemTests {
    typealias Mistake = (path: String, old: String, new: String, problem: String)

    static let settings: [Mistake] = [
        (
            "batuta.yaml", "  cheap:", "  embedding: { provider: anthropic, model: m }\n  cheap:",
            "batuta.yaml:5: the provider `anthropic` turns no texts into vectors"
        ),
        (
            "batuta.yaml", "fallback: [cheap] }", "fallback: [embedding] }\n  embedding: { provider: openai, model: e }",
            "batuta.yaml:4: `embedding` turns texts into vectors and answers nobody"
        ),
        ("batuta.yaml", "name: shop", "nmae: shop", "batuta.yaml:1: unknown key `nmae` (did you mean `name`?)"),
        ("batuta.yaml", "name: shop", "name: [shop]", "batuta.yaml:1: text was expected, this is a list"),
        ("batuta.yaml", "name: shop", "name: 12", "batuta.yaml:1: text was expected, this is a number (put quotes around it)"),
        ("batuta.yaml", "name: shop", "language: pt", "batuta.yaml:1: `pt` is not one of `pt-BR`, `en`"),
        ("batuta.yaml", "agent:clerk", "agent:clark", "batuta.yaml:2: unknown agent `clark` (did you mean `clerk`?)"),
        (
            "batuta.yaml", "agent:clerk", "team:clerks",
            "batuta.yaml:2: unknown agent or team `clerks` (did you mean `clerk`?)"
        ),
        ("batuta.yaml", "provider: openai", "provider: opnai", "batuta.yaml:4: unknown provider `opnai` (did you mean `openai`?)"),
        ("batuta.yaml", "[cheap]", "[chaep]", "batuta.yaml:4: unknown model `chaep` (did you mean `cheap`?)"),
        ("batuta.yaml", "[cheap]", "[default]", "batuta.yaml:4: the model `default` falls back to itself"),
        ("batuta.yaml", "model: gpt-5-mini, ", "", "batuta.yaml:4: `model` is missing (The provider's own name for the model.)"),
        ("batuta.yaml", "model: small", "model: small, temperature: 3", "batuta.yaml:5: a number from 0 to 2 was expected, not 3"),
        ("batuta.yaml", "kind: openai, ", "kind: antropic, ", "batuta.yaml:7: `antropic` is not one of"),
        ("batuta.yaml", "https://llm", "llm", "batuta.yaml:7: `base_url` is no http or https address"),
        ("batuta.yaml", "secret.CORP_KEY", "params.key", "batuta.yaml:7: unknown name `params`"),
        ("batuta.yaml", "${secret.CORP_KEY}", "${secret.}", "batuta.yaml:7: "),
        ("batuta.yaml", "timeout: 1m", "timeout: 60", "batuta.yaml:9: a duration was expected (write a unit: 60s)"),
        ("batuta.yaml", "timeout: 1m", "timeout: soon", "batuta.yaml:9: a duration was expected (write 500ms, 30s, 5m, 24h or 7d)"),
        ("batuta.yaml", "attempts: 5", "attempts: 0", "batuta.yaml:9: a whole number from 1 to 20 was expected, not 0"),
        ("batuta.yaml", "jitter: false", "jitter: no", "batuta.yaml:9: true or false was expected, this is text (write true or false)"),
        (
            "batuta.yaml", "retry:", "budgets: { run: 1 }\nretry:",
            "batuta.yaml:5: the price of `small` is not known, and a budget bounds what it may cost (write prices: { \"small\":"
        ),
        (
            "batuta.yaml", "retry:", "budgets: { run: 100 BRL }\nretry:",
            "batuta.yaml:8: there is no rate for BRL (write currencies: { BRL: 5.40 } when 5.40 BRL make one US dollar)"
        ),
        ("batuta.yaml", "retry:", "budgets: { run: cheap }\nretry:", "batuta.yaml:8: money was expected, not \"cheap\" (write 20.00 for"),
        ("batuta.yaml", "retry:", "budgets: { run: -1 }\nretry:", "batuta.yaml:8: money from 0 to 1000000000 was expected"),
        ("batuta.yaml", "retry:", "currencies: { real: 5 }\nretry:", "batuta.yaml:8: `real` cannot be used here: a currency has three"),
        (
            "batuta.yaml", "retry:", "mcp: { x: {} }\nretry:",
            "batuta.yaml:8: a server has either `command` or `url` (write command: [program, argument] or url: https://…)"
        ),
        ("batuta.yaml", "retry:", "time_zone: Mars/Base\nretry:", "batuta.yaml:8: unknown time zone `Mars/Base`"),
        ("batuta.yaml", "retry:", "egress: { allow: [x] }\nretry:", "batuta.yaml:8: `x` is no address"),
        ("batuta.yaml", "retry:", "rate_limits: { runs: 5/week }\nretry:", "batuta.yaml:8: a rate was expected"),
        ("batuta.yaml", "retry:", "profile: { type: objekt }\nretry:", "batuta.yaml:8: the schema cannot be used"),
        ("batuta.yaml", "retry:", "profile: { type: string }\nretry:", "batuta.yaml:8: a profile is an object (write type: object)"),
        ("batuta.yaml", "retry:", "profile: { type: object }\nretry:", "batuta.yaml:8: the profile has no fields"),
        (
            "batuta.yaml", "retry:", "profile:\n  type: object\n  properties:\n    a b: { type: string }\nretry:",
            "batuta.yaml:11: `a b` cannot be used here"
        ),
        (
            "batuta.yaml", "retry:", "profile:\n  type: object\n  properties:\n    language: { type: string }\nretry:",
            "batuta.yaml:11: `language` cannot be used here"
        ),
        (
            "batuta.yaml", "retry:", "profile:\n  type: object\n  properties:\n    a: { type: number, default: x }\nretry:",
            "batuta.yaml:11: the default of `a` does not fit"
        ),
        (
            "batuta.yaml", "retry:", "profile:\n  type: object\n  required: [citi]\n  properties:\n    city: { type: string }\nretry:",
            "batuta.yaml:10: unknown field `citi` (did you mean `city`?)"
        ),
        (
            "batuta.yaml", "retry:", "profile:\n  type: object\n  properties:\n    shop: { type: number }\nretry:",
            "batuta.yaml:11: the profile's field `shop` is number, an agent declares string"
        ),
        ("batuta.yaml", "retry:", "require_env: [2X]\nretry:", "batuta.yaml:8: `2X` cannot be used here"),
        (
            "batuta.yaml", "retry:", "variables: { shop: 3 }\nretry:",
            "batuta.yaml:8: the variable `shop` is number, an agent declares string"
        ),
        (
            "batuta.yaml", "retry:", "variables: { shap: x }\nretry:",
            "batuta.yaml:8: warning: no agent declares the variable `shap` (did you mean `shop`?)"
        ),
        ("batuta.yaml", "${secret.CORP_KEY}", "abcdefgh1234", "batuta.yaml:7: warning: a secret stands in the file"),
        ("batuta.yaml", "name: shop", "name: shop\nname: again", "batuta.yaml:2: the key `name` is already on line 1; remove one of them"),
        (
            "batuta.yaml", "models:", "models: [",
            "batuta.yaml:5: this is not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence, begun on line 3)"
        ),
    ]

    static let agents: [Mistake] = [
        (
            "agents/clerk.md", "description:", "descripton:",
            "agents/clerk.md:2: warning: unknown key `descripton` (did you mean `description`?)"
        ),
        ("agents/clerk.md", "model: default", "model: defualt", "agents/clerk.md:3: unknown model `defualt` (did you mean `default`?)"),
        ("agents/clerk.md", "get_item,", "get_itme,", "agents/clerk.md:4: unknown tool `get_itme` (did you mean `get_item`"),
        ("agents/clerk.md", "get_item,", "\"post_*\",", "agents/clerk.md:4: no tool fits `post_*`"),
        ("agents/clerk.md", "get_item,", "run_python,", "agents/clerk.md:4: the tool `run_python` is not supported yet by this version"),
        (
            "agents/clerk.md", "get_item,", "\"mcp:docs/*\",",
            "agents/clerk.md:4: unknown server `docs`"
        ),
        (
            "agents/clerk.md", "type: string", "type: text",
            "agents/clerk.md:6: `text` is not one of `string`, `number`, `integer`, `boolean`"
        ),
        ("agents/clerk.md", "default: ours", "default: 5", "agents/clerk.md:6: the default is number, the variable is string"),
        ("agents/clerk.md", "shop: {", "sh-op: {", "agents/clerk.md:6: `sh-op` cannot be used here"),
        ("agents/clerk.md", "$shop.", "$shp.", "agents/clerk.md:8: unknown variable `$shp` (did you mean $shop?)"),
        ("agents/clerk.md", "$shop.", "nothing.", "agents/clerk.md:6: warning: the variable `shop` is never used"),
        ("agents/clerk.md", "R$ 10", "${shop + }", "agents/clerk.md:8: "),
        ("agents/clerk.md", "R$ 10", "{{> tone}}", "agents/clerk.md:8: unknown block `tone`"),
        (
            "agents/clerk.md", "model: default", "output_schema: { type: objekt }",
            "agents/clerk.md:3: the schema cannot be used"
        ),
        (
            "agents/clerk.md", "model: default", "response_cache: exac",
            "agents/clerk.md:3: `exac` is not one of `off`, `exact`, `semantic` (did you mean `exact`?)"
        ),
        ("agents/clerk.md", "model: default", "response_cache: true", "agents/clerk.md:3: `response_cache` is no yes or no"),
        ("agents/clerk.md", "model: default", "response_cache: { ttl: 1h }", "agents/clerk.md:3: `mode` is missing"),
        (
            "agents/clerk.md", "model: default", "response_cache: { mode: semantic, threshold: 0.5 }",
            "agents/clerk.md:3: a number from 0.8 to 1 was expected, not 0.5"
        ),
        (
            "agents/clerk.md", "model: default", "response_cache: { mode: exact, threshold: 0.95 }",
            "agents/clerk.md:3: warning: `threshold` has no effect with mode `exact`"
        ),
        (
            "agents/clerk.md", "model: default", "response_cache: semantic",
            "agents/clerk.md:3: warning: `semantic` needs the model `embedding`"
        ),
        (
            "agents/clerk.md", "model: default", "model: embedding",
            "agents/clerk.md:3: `embedding` turns texts into vectors and answers nobody"
        ),
        (
            "agents/clerk.md", "model: default", "response_cache: { mode: exact, ttl: 0s }",
            "agents/clerk.md:3: a duration from 1s to 365d was expected"
        ),
        (
            "agents/clerk.md", "model: default", "limits: { cost_usd: -1 }",
            "agents/clerk.md:3: a number from 0 to 1000000 was expected, not -1"
        ),
        ("agents/clerk.md", "model: default", "name: two words", "agents/clerk.md:3: `two words` cannot be used here"),
        (
            "agents/clerk.md", "---\ndescription", "description",
            "agents/clerk.md:1: the front matter has no `---` above it, so all of it would be part of the instructions (write `---` on line 1)"
        ),
        ("agents/clerk.md", "---\nYou", "You", "agents/clerk.md:1: the front matter that begins here has no closing `---`"),
    ]

    static let tools: [Mistake] = [
        ("tools/get_item.yaml", "effect: read\n", "", "tools/get_item.yaml:1: `effect` is missing"),
        (
            "tools/get_item.yaml", "effect: read", "effect: reads",
            "tools/get_item.yaml:2: `reads` is not one of `read`, `write`, `critical` (did you mean `read`?)"
        ),
        ("tools/get_item.yaml", "type: object", "type: array", "tools/get_item.yaml:4: the schema of parameters must say `type: object`"),
        ("tools/get_item.yaml", "type: string", "type: sting", "tools/get_item.yaml:5: the schema cannot be used"),
        (
            "tools/get_item.yaml", "properties:", "properites:",
            "tools/get_item.yaml:5: JSON Schema has no keyword `properites` (did you mean `properties`?)"
        ),
        (
            "tools/get_item.yaml", "type: string }", "type: string, minLenght: 1 }",
            "tools/get_item.yaml:5: JSON Schema has no keyword `minLenght` (did you mean `minLength`?)"
        ),
        (
            "tools/get_item.yaml", "http:\n", "htpp: {}\nhttp:\n",
            "tools/get_item.yaml:8: unknown key `htpp` (did you mean `http`?)"
        ),
        (
            "tools/get_item.yaml", "http:\n", "zzz: {}\nhttp:\n",
            "tools/get_item.yaml:8: unknown key `zzz` (known: `agent`, `breaker`, `cache`, `check`, `description`, `effect`, `http`, `idempotency_window`, `idempotent`, "
                + "`invalidates`, `name`, `parameters`, `python`, `repeats`, `result_schema`, `retry`, `settle`, `sql`, `timeout`)"
        ),
        ("tools/get_item.yaml", "params.id", "params.ide", "tools/get_item.yaml:10: unknown parameter `ide` (did you mean `id`?)"),
        ("tools/get_item.yaml", "${params.id}", "x", "tools/get_item.yaml:4: warning: the parameter `id` is never used"),
        ("tools/get_item.yaml", "${params.id}", "${params.id", "tools/get_item.yaml:10: "),
        ("tools/get_item.yaml", "params.id", "parms.id", "tools/get_item.yaml:10: unknown name `parms` (did you mean `params`?)"),
        ("tools/get_item.yaml", "${env.SHOP_URL}/", "shop.example/", "tools/get_item.yaml:10: `url` is no http or https address"),
        (
            "tools/get_item.yaml", "secret.SHOP_KEY", "connection.shop.token",
            "tools/get_item.yaml:9: unknown connection `shop`"
        ),
        (
            "tools/get_item.yaml", "Bearer ${secret.SHOP_KEY}", "Bearer 0123456789",
            "tools/get_item.yaml:11: warning: a secret stands in the file"
        ),
        ("tools/get_item.yaml", "method: GET", "method: FETCH", "tools/get_item.yaml:9: `FETCH` is not one of"),
        ("tools/get_item.yaml", "method: GET", "body: x", "tools/get_item.yaml:9: a GET request has no body"),
        ("tools/get_item.yaml", "method: GET", "method: DELETE", "tools/get_item.yaml:1: warning: a tool of effect `read` sends DELETE"),
        (
            "tools/get_item.yaml", "http:", "mcp: x\nhttpx:",
            "tools/get_item.yaml:8: kind `mcp` is not supported yet by this version"
        ),
        (
            "tools/get_item.yaml", "description: Reads an item.", "description: Reads an item.\nname: http_get",
            "tools/get_item.yaml:2: `http_get` is the name of a built-in tool"
        ),
        (
            "tools/get_item.yaml", "description: Reads an item.", "description: Reads an item.\nname: buy_item",
            "tools/get_item.yaml:2: there is another tool `buy_item`"
        ),
        ("tools/buy_item.yaml", "retry: slow", "retry: slwo", "tools/buy_item.yaml:3: unknown retry profile `slwo` (did you mean `slow`?)"),
        (
            "tools/buy_item.yaml", "timeout: 7s", "cache: { ttl: 5m }",
            "tools/buy_item.yaml:4: only tools of effect `read` have a cache, this one is `critical`"
        ),
        ("tools/buy_item.yaml", "size(params.id)", "size(params.id", "tools/buy_item.yaml:7: "),
        ("tools/buy_item.yaml", "size(params.id)", "size(secret.X)", "tools/buy_item.yaml:7: `secret` cannot be used here"),
        (
            "tools/buy_item.yaml", "tool: get_item", "tool: buy_item",
            "tools/buy_item.yaml:8: `buy_item` cannot settle anything: its effect is critical, not read"
        ),
        (
            "tools/buy_item.yaml", "tool: get_item", "tool: get_itm",
            "tools/buy_item.yaml:8: unknown tool `get_itm` (did you mean `get_item`"
        ),
        ("tools/buy_item.yaml", "body:", "form: { a: b }, body:", "tools/buy_item.yaml:9: a request has either `form` or `body`"),
    ]

    static let rehearsals: [Mistake] = [
        ("rehearsals/clerk.yaml", "agent: clerk", "agent: clrk", "rehearsals/clerk.yaml:1: unknown agent `clrk` (did you mean `clerk`?)"),
        ("rehearsals/clerk.yaml", "(?i)item", "(?=item", "rehearsals/clerk.yaml:3: the pattern is not usable"),
        (
            "rehearsals/clerk.yaml", "call: get_item", "call: get_itm",
            "rehearsals/clerk.yaml:5: warning: unknown tool `get_itm` (did you mean `get_item`?)"
        ),
        (
            "rehearsals/clerk.yaml", "call: get_item", "call: buy_item",
            "rehearsals/clerk.yaml:5: warning: the agent does not have the tool `buy_item` (only the rehearsal calls it"
        ),
        ("rehearsals/clerk.yaml", "match.id", "match.idd", "rehearsals/clerk.yaml:6: unknown group `idd` (did you mean `id`?)"),
        ("rehearsals/clerk.yaml", "results[0]", "reslts[0]", "rehearsals/clerk.yaml:7: unknown name `reslts` (did you mean `results`?)"),
        ("rehearsals/clerk.yaml", "- say: \"It", "- said: \"It", "rehearsals/clerk.yaml:7: unknown key `said`"),
        (
            "rehearsals/clerk.yaml", "  - say: \"Hello.\"", "  - say: \"Hello.\"\n  - say: \"Again.\"",
            "rehearsals/clerk.yaml:9: this script is never reached"
        ),
        ("rehearsals/clerk.yaml", "  - say: \"Hello.\"", "  - steps: []", "rehearsals/clerk.yaml:8: a script needs at least one step"),
        ("rehearsals/clerk.yaml", "- say: \"Hello.\"", "- say: ${match.id}", "rehearsals/clerk.yaml:8: unknown name `match`"),
        (
            "rehearsals/clerk.yaml", "- say: \"Hello.\"", "- say: \"Hello.\"\n    suggest: [\"Item 7\", \"Do it\"]",
            "rehearsals/clerk.yaml:9: no script of this file answers “Do it” (suggest what a `when` fits)"
        ),
        (
            "rehearsals/clerk.yaml", "    steps:\n      - call: get_item", "    suggest: [\"Item 7\"]\n    steps:\n      - call: get_item",
            "rehearsals/clerk.yaml:4: `suggest` belongs to the script without `when`"
        ),
        (
            "rehearsals/clerk.yaml", "  - say: \"Hello.\"", "  - steps: [{ say: a }, { say: b }]",
            "rehearsals/clerk.yaml:8: `say` ends the answer"
        ),
    ]

    @Test(arguments: settings + agents + tools + rehearsals)
    func `S0_25 every mistake is told with file and line`(mistake: Mistake) throws {
        let source = try #require(ProjectFixture.files[mistake.path])
        try #require(source.contains(mistake.old), "the fixture has no \(mistake.old)")
        let load = ProjectFixture.load(mistake.path, replacing: mistake.old, with: mistake.new)
        #expect(load.problems.contains { "\($0)".hasPrefix(mistake.problem) }, "got:\n\(load.report(.english))")
        #expect(load.problems.errors.isEmpty == (load.project != nil))
        if mistake.problem.contains(": warning: ") { #expect(load.project != nil, "got:\n\(load.report(.english))") }
    }

    @Test func `all problems are told at once, in file order, and a broken file hides no other`() {
        let load = ProjectFixture.load([
            "tools/get_item.yaml": "description: [",
            "agents/clerk.md": "---\nmodel: nope\ntools: [get_item, gone]\n---\n$nobody",
            "batuta.yaml": "name: x\nfoo: 1\nmodels: { default: { provider: nobody, model: m } }\n",
        ])
        let places = load.problems.map { "\($0.path):\($0.line)" }
        #expect(
            places == [
                "batuta.yaml:2", "batuta.yaml:3", "agents/clerk.md:2", "agents/clerk.md:3", "agents/clerk.md:5",
                "tools/buy_item.yaml:3", "tools/get_item.yaml:2",
            ],
            "\(load.report(.english))"
        )
        #expect(load.project == nil)
    }

    @Test(arguments: [
        ("agents/clerk.md", "model: default", "model: defualt", "agents/clerk.md:3"),
        ("batuta.yaml", "models:\n", "models: [\n", "batuta.yaml:5"),
        ("batuta.yaml", "  cheap: { provider: corp, model: small }", "  cheap: 5", "batuta.yaml:5"),
        ("batuta.yaml", "  corp: { kind", "  corp: [] #", "batuta.yaml:7"),
        ("batuta.yaml", "  slow: {", "  slow: fast #", "batuta.yaml:9"),
        ("tools/get_item.yaml", "effect: read\n", "", "tools/get_item.yaml:1"),
        ("tools/get_item.yaml", "description: Reads an item.", "description: [", "tools/get_item.yaml:3"),
    ])
    func `what follows from a mistake is not told as another one`(path: String, old: String, new: String, place: String) throws {
        let load = ProjectFixture.load(path, replacing: old, with: new)
        #expect(load.problems.errors.map { "\($0.path):\($0.line)" } == [place], "\(load.report(.english))")
    }

    @Test func `names that cannot be used are not suggested`() {
        let file = (ProjectFixture.files["batuta.yaml"] ?? "").replacing("  cheap:", with: "  \"cheap one\":").replacing(
            "[cheap]",
            with: "[cheap_1]"
        )
        let report = ProjectFixture.load(["batuta.yaml": file]).report(.english)
        #expect(report.contains("unknown model `cheap_1` (known: `default`)"), "\(report)")
    }

    @Test(arguments: [
        "a:\n\t- b", "a: {\n\tb: 1 }\n\tc: 2", "a: 1\n\tb: 2", "a:\n  b: 1\n\tc: 2", "a:\n  - b\n \t- c", "\ta: 1",
    ])
    func `a tab that indents is named`(yaml: String) throws {
        let error = try #require(YAML.read(Array(yaml.utf8)).errors.first)
        #expect(error.message.english == "this is not valid YAML: a tab indents this line")
        #expect(error.message.portuguese == "isto não é YAML válido: há uma tabulação (tab) no recuo desta linha")
        #expect(error.hint?.portuguese == "use espaços no recuo")
    }

    @Test func `a circle of blocks is told where it closes`() {
        let load = ProjectFixture.load([
            "agents/clerk.md": "---\n---\nHi\n{{> a}}", "prompts/a.md": "x\n{{> b}}", "prompts/b.md": "{{> a}}",
            "rehearsals/clerk.yaml": nil,
        ])
        #expect(load.problems.errors.count == 1)
        #expect(load.problems.errors.first?.message.english.contains("a → b → a") == true, "\(load.report(.english))")
    }

    @Test(arguments: ["knowledge/x.pdf"])
    func `folders that this version does not run are told`(path: String) {
        let load = ProjectFixture.load([path: "name: x"])
        #expect(load.problems.count == 1)
        #expect(load.problems.first?.path == path)
        #expect(load.problems.errors.isEmpty)
    }

    @Test func `nothing at all is told kindly`() {
        let load = Project.load(files: [:])
        #expect(load.report(.english).hasPrefix("batuta.yaml:1: there is no batuta.yaml here (`batuta new DIR` makes a project"))
    }

    @Test(arguments: ["../x.md", "agents/../../x.md", "/etc/passwd", "agents/./x.md"])
    func `paths that lead out are refused`(path: String) {
        #expect(ProjectFixture.load([path: "Hi"]).problems.errors.contains { $0.message.english == "the path leads out of the project" })
    }

    @Test func `tens of thousands of mistakes are told without taking long`() {
        let text = (0..<40_000).map { "key\($0): 1\n" }.joined()
        let load = ProjectFixture.load(["batuta.yaml": text])
        #expect(load.problems.count { $0.message.english.hasPrefix("unknown key") } == 40_000)
    }

    /// No cut of any file makes the loader trap or forget to say what is wrong.
    @Test func `cut files never trap`() {
        for (path, text) in ProjectFixture.files {
            let bytes = Array(text.utf8)
            for end in stride(from: 0, to: bytes.count, by: 7) {
                var files = ProjectFixture.bytes()
                files[path] = Array(bytes[..<end])
                let load = Project.load(files: files)
                #expect(load.project != nil || !load.problems.isEmpty)
            }
        }
    }
}
