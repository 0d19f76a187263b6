import BatutaCore
import Testing

/// Expressions, patterns and schemas say what is wrong with them in both languages.
@Suite struct ExpressionWordsTests {
    static let portuguese: [(source: String, message: String)] = [
        ("", "a expressão está vazia, na coluna 1"), ("1 +", "a expressão está incompleta, na coluna 4"),
        ("(1", "esperava-se `)`, mas veio o fim, na coluna 3"), ("1 2", "não se esperava um número aqui, na coluna 3"),
        ("a = 1", "`=` não é operador; para comparar, escreva `==`, na coluna 3"), ("#", "caractere inesperado: `#`, na coluna 1"),
        ("1 +\n  #", "caractere inesperado: `#`, na linha 2, coluna 3"),
        ("'abc", "o texto que começa aqui não tem as aspas que o fecham, na coluna 1"),
        ("12abc", "um número vem seguido, sem espaço, de `a`, na coluna 3"),
        ("if", "`if` é palavra reservada e não serve de nome, na coluna 1"),
        ("sise(a)", "não existe a função `sise` (você quis dizer size?), na coluna 1"),
        ("a.int()", "int() se escreve int(x), na coluna 3"), ("size(a, b)", "size() recebe 1 argumento, não 2, na coluna 1"),
        ("a.substring()", "substring() recebe de 1 a 2 argumentos, não 0, na coluna 3"),
        ("[1].map(x, 1, 2, 3)", "escreva map(x, valor) ou map(x, condição, valor), na coluna 5"),
        ("'a'.matches('(')", "a expressão regular não serve em `(`: falta um ): (, na coluna 13"),
    ]

    @Test(arguments: portuguese) func `an expression that does not read says so in Portuguese`(source: String, message: String) {
        #expect(ExpressionSample.parseError(source)?.message.portuguese == message)
    }

    @Test func `every error of an expression has its own words in each language`() throws {
        let syntax = ExpressionErrorTests.syntax.map { ExpressionSample.parseError($0.0) }
        let evaluation = try ExpressionErrorTests.evaluation.map { try ExpressionSample.evaluationError($0.0) }
        for error in (syntax + evaluation).compactMap(\.self) { #expect(error.reason.english != error.reason.portuguese) }
    }

    @Test func `what RE2 says is told in Portuguese`() {
        let patterns = [
            "(", ")", "[", "[z-a]", "[[:foo:]]", "*", "a**", "a{2,1}", "a{1001}", "\\", "\\q", "(?=x)", "(?P<a", "(?P<a>x)(?P<a>y)",
            "x{1000}{1000}",
            "(?i", String(repeating: "a", count: 10_001),
        ]
        for pattern in patterns {
            do throws(PatternError) {
                _ = try Pattern(pattern)
            } catch {
                #expect(error.message.english != error.message.portuguese)
                #expect(!error.message.portuguese.contains("“"), "\(error.message.portuguese)")
            }
        }
    }

    @Test func `a schema that cannot be used says so in each language`() throws {
        for (source, _, _) in SchemaKeywordTests.broken {
            let json = try JSON.parse(source)
            let error = #expect(throws: SchemaError.self) { try JSONSchema(json) }
            #expect(error?.message.english != error?.message.portuguese, "\(source)")
        }
    }

    @Test func `an unknown variable of a prompt says what to do in each language`() {
        let problems = PromptTemplate.check("Hi $nme and $other", declared: ["name"]).problems
        #expect(
            problems.map(\.reason.portuguese) == [
                "não existe a variável `$nme` (você quis dizer $name?)",
                "não existe a variável `$other` (declare-a em `variables:`, ou escreva $$other se for só texto)",
            ]
        )
    }

    @Test(arguments: [
        ("pt-BR", Language.portuguese), ("pt_BR.UTF-8", .portuguese), ("PT", .portuguese), ("en", .english), ("de_DE", .english),
        ("", .english), ("C", .english),
    ])
    func `a tag or a locale names one of the two languages`(tag: String, language: Language) { #expect(Language(tag: tag) == language) }
}
