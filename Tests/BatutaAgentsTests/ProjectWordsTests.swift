import BatutaAgents
import BatutaCore
import Testing

/// What is wrong with a project, in both languages.
@Suite struct ProjectWordsTests {
    /// A whole project with one mistake of every kind that people make most.
    static let broken: [String: String] = [
        "batuta.yaml": """
        nmae: shop
        default: agent:clark
        language: pt
        models:
          default: { provider: opnai, model: gpt-5-mini, temperature: 3 }
        retry:
          slow: { timeout: 60, attempts: many }
        budgets: { run: cheap }
        egress: { allow: [x] }
        """,
        "agents/clerk.md": """
        ---
        model: default
        tools: [get_itme, current_time]
        variables: { shop: { type: number, default: ours } }
        ---
        You sell things of $shp for ${1 +}.
        {{> tone}}
        """,
        "tools/get_item.yaml": """
        description: Reads an item.
        effect: read
        parameters: { type: object, properties: { id: { type: sting } } }
        http:
          method: FETCH
          url: "shop.example/${parms.id}"
          headers: { Authorization: "Bearer 0123456789" }
        """,
        "tools/list_items.yaml": "description: [",
        "rehearsals/clerk.yaml": """
        scripts:
          - when: "(?=item"
            say: "Hello."
          - steps: []
        """,
    ]

    static let english = """
        batuta.yaml:1: unknown key `nmae` (did you mean `name`?)
        batuta.yaml:2: unknown agent `clark` (did you mean `clerk`?)
        batuta.yaml:3: `pt` is not one of `pt-BR`, `en`
        batuta.yaml:5: a number from 0 to 2 was expected, not 3
        batuta.yaml:5: unknown provider `opnai` (did you mean `openai`?)
        batuta.yaml:7: a duration was expected (write a unit: 60s)
        batuta.yaml:7: a whole number from 1 to 20 was expected, this is text
        batuta.yaml:8: money was expected, not "cheap" (write 20.00 for US dollars, or "100 BRL" with a rate under currencies)
        batuta.yaml:9: `x` is no address (write host:port, such as 10.1.2.3:443)
        agents/clerk.md:3: unknown tool `get_itme` (did you mean `get_item`?)
        agents/clerk.md:4: the default is string, the variable is number
        agents/clerk.md:4: warning: the variable `shop` is never used (write $shop, or remove it)
        agents/clerk.md:6: unknown variable `$shp` (did you mean $shop?)
        agents/clerk.md:6: the expression is not complete
        agents/clerk.md:7: unknown block `tone` (write prompts/tone.md)
        rehearsals/clerk.yaml:2: the pattern is not usable at `(?=`: invalid perl operator: (?=; look-around, atomic and conditional groups are not supported
        rehearsals/clerk.yaml:4: a script needs at least one step
        tools/get_item.yaml:3: the schema cannot be used: `sting` is not a type (did you mean `string`?); types are string, number, integer, boolean, array, object, null (at /properties/id/type)
        tools/get_item.yaml:5: `FETCH` is not one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`
        tools/get_item.yaml:6: unknown name `parms` (did you mean `params`?)
        tools/get_item.yaml:6: `url` is no http or https address (write https://… or ${env.NAME}/…)
        tools/get_item.yaml:7: warning: a secret stands in the file (write "${secret.NAME}" and set NAME in the environment or in .env)
        tools/list_items.yaml:2: this is not valid YAML: did not find expected node content (while parsing a flow node)
        """

    static let portuguese = """
        batuta.yaml:1: não existe a chave `nmae` (você quis dizer `name`?)
        batuta.yaml:2: não existe o agente `clark` (você quis dizer `clerk`?)
        batuta.yaml:3: `pt` não serve aqui; cabem `pt-BR`, `en`
        batuta.yaml:5: esperava-se um número de 0 a 2, não 3
        batuta.yaml:5: não existe o provedor `opnai` (você quis dizer `openai`?)
        batuta.yaml:7: esperava-se uma duração (escreva a unidade: 60s)
        batuta.yaml:7: esperava-se um número inteiro de 1 a 20, não texto
        batuta.yaml:8: esperava-se um valor em dinheiro, não "cheap" (escreva 20.00 para dólares, ou "100 BRL" com uma cotação em currencies)
        batuta.yaml:9: `x` não é um endereço (escreva host:porta, como 10.1.2.3:443)
        agents/clerk.md:3: não existe a ferramenta `get_itme` (você quis dizer `get_item`?)
        agents/clerk.md:4: o valor padrão é string, mas a variável é number
        agents/clerk.md:4: aviso: a variável `shop` não é usada (escreva $shop no texto, ou remova-a)
        agents/clerk.md:6: não existe a variável `$shp` (você quis dizer $shop?)
        agents/clerk.md:6: a expressão está incompleta
        agents/clerk.md:7: não existe o bloco `tone` (escreva prompts/tone.md)
        rehearsals/clerk.yaml:2: a expressão regular não serve em `(?=`: operador de Perl que não é aceito: (?=; lookaround e grupos atômicos ou condicionais não são aceitos
        rehearsals/clerk.yaml:4: um roteiro precisa de ao menos um passo
        tools/get_item.yaml:3: o esquema não serve: `sting` não é um tipo (você quis dizer `string`?); os tipos são string, number, integer, boolean, array, object, null (em /properties/id/type)
        tools/get_item.yaml:5: `FETCH` não serve aqui; cabem `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`
        tools/get_item.yaml:6: não existe o nome `parms` (você quis dizer `params`?)
        tools/get_item.yaml:6: `url` não é um endereço http ou https (escreva https://… ou ${env.NOME}/…)
        tools/get_item.yaml:7: aviso: há um segredo escrito no arquivo (escreva "${secret.NOME}" e defina NOME no ambiente ou no .env)
        tools/list_items.yaml:2: isto não é YAML válido: falta um valor (entre colchetes ou chaves)
        """

    private func bytes(_ files: [String: String]) -> [String: [UInt8]] { files.mapValues { Array($0.utf8) } }

    @Test(arguments: [(Language.english, english), (.portuguese, portuguese)])
    func `S2_88 the problems of a project are told in the reader's language`(language: Language, report: String) {
        let told = Project.load(files: bytes(Self.broken)).report(language)
        for (line, wanted) in zip(told.split(separator: "\n"), report.split(separator: "\n")) { #expect(line == wanted) }
        #expect(told.split(separator: "\n").count == report.split(separator: "\n").count, "\(told)")
    }

    /// Everything that the suites of this target know how to break.
    private var corpus: [ProjectProblem] {
        let mistakes =
            ProjectProblemTests.settings + ProjectProblemTests.agents + ProjectProblemTests.tools + ProjectProblemTests.rehearsals
        var problems = Project.load(files: bytes(Self.broken)).problems + Project.load(files: [:]).problems
        for mistake in mistakes {
            problems += ProjectFixture.load(mistake.path, replacing: mistake.old, with: mistake.new).problems
        }
        for yaml in Self.yaml { problems += ProjectFixture.load(["tools/x.yaml": yaml]).problems }
        for path in ["teams/x.yaml", "policies/x.yaml", "schedules/x.yaml", "knowledge/x.pdf", "../x.md"] {
            problems += ProjectFixture.load([path: "x"]).problems
        }
        problems += DotEnv(parsing: Array("A\nB=\"x\nC='y' z\n".utf8)).problems + DotEnv(parsing: Array("A='b' c".utf8)).problems
        problems += DotEnv(parsing: [0xFF]).problems
        problems += Project.load(folder: "/dev/null/nowhere").problems
        problems += Project.single(file: "/no/such.md", environment: EnvironmentView([:])).problems
        problems += ProjectFixture.load().project?.check(EnvironmentView([:]), rehearse: false).problems ?? []
        return problems
    }

    static let yaml = [
        "a: [", "a: {", "a: 'b", "a: b: c", "- a\nb", "a:\n\t- b", "a: @b", "a: \"\\q\"", "a: *b", "a: &b\n", "? [a]\n: b", "a: 1\na: 2",
        "<<: x", "a: .inf", "a: !x b", "a: !!int b", "---\na\n---\nb", "a: |0\n x", "%FOO\n---\na", "a: !<x", "\u{1}", "[[", "a: b\n - c",
        "? a\n? b\nc", "~: x", "!!seq {}", String(repeating: "[", count: 70), "a: \"\\x\"", "%YAML 3.0\n---\na", "&\n",
    ]

    @Test func `every problem is told in each language in its own words`() {
        let told = corpus
        #expect(told.count > 120)
        for problem in told {
            #expect(problem.message.english != problem.message.portuguese)
            if let hint = problem.hint { #expect(hint.english != hint.portuguese) }
            #expect(!problem.text(.portuguese).contains(": “"), "a library's own English: \(problem.text(.portuguese))")
            #expect(!problem.message.portuguese.hasSuffix(".") && !problem.message.portuguese.isEmpty)
        }
    }

    @Test func `what is missing in the environment is told in the reader's language, under the line that scripts look for`() throws {
        let check = try #require(ProjectFixture.load().project).check(EnvironmentView([:]), rehearse: false)
        let line = "CRITICAL: Missing environment variables: SHOP_URL, SHOP_KEY, CORP_KEY, OPENAI_API_KEY\n"
        #expect(
            check.message?.portuguese
                == line
                + "Defina essas variáveis no ambiente ou no .env; segredos, também com batuta secret set NOME. "
                + "Ou use --rehearse para experimentar o projeto sem modelo."
        )
        #expect(check.message?.english.hasPrefix(line) == true)
        #expect(
            check.problems.first?.text(.portuguese)
                == "batuta.yaml:1: o provedor `openai` está sem chave: falta OPENAI_API_KEY (defina-a, "
                + "escreva-a no .env, guarde-a no cofre (batuta secret set OPENAI_API_KEY), ou use --rehearse)"
        )
    }
}
