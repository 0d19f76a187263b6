import BatutaCore
import Testing

@Suite struct TemplateTests {
    static let texts: [(String, String)] = [
        ("Hi ${user.name}, R$$ 10", "Hi Ana, R$ 10"), ("R$ 10", "R$ 10"), ("$", "$"), ("$5 $name", "$5 $name"), ("", ""), ("$$", "$"),
        ("$$$$", "$$"), ("$${user.name}", "${user.name}"), ("$$${user.name}", "$Ana"), ("a${'}'}b", "a}b"), ("a${\"{\"}b", "a{b"),
        ("${{'a': {'b': 1}}.a.b}", "1"), ("${ {'a': 1} }", #"{"a":1}"#), ("${'''}'''}", "}"), ("${r'\\}'}", "\\}"),
        ("${params.id}", "12345678901234567890"), ("id=${params.id}&p=${params.price}", "id=12345678901234567890&p=1240.50"),
        ("${params.tags}!", #"["x","y","z"]!"#), ("${params.none}.", "."), ("${params.missing}.", "."), ("${true}${1}${'x'}", "true1x"),
        ("{${1}}", "{1}"), ("${1 // }\n}", "1"), ("é${text}👋", "éOlá, mundo 👋👋"), ("${'$' + '{user.name}'}", "${user.name}"),
        ("High CTR (${number(facts.metrics.ctr, 2)}%)", "High CTR (2.31%)"),
        ("Done: ${results[1].success ? 'paused' : results[1].error}.", "Done: gone."),
        ("${env.META_BASE_URL}/${params.campaign_id}", "https://graph.example/238"), ("Bearer ${secret.TOKEN}", "Bearer s3cret"),
    ]

    @Test(arguments: texts) func `a text is inserted as it is, anything else as JSON`(source: String, expected: String) throws {
        let template = try TextTemplate(source)
        #expect(try template.render(in: try ExpressionSample.scope()) == expected)
        #expect(template.source == source)
    }

    static let broken: [(String, String)] = [
        ("${", "`${` has no closing brace at column 3"), ("a ${x", "`${` has no closing brace at column 5"),
        ("${}", "the expression is empty at column 3"), ("${ }", "the expression is empty at column 4"),
        ("${'}", "the text that begins here has no closing quote at column 3"),
        ("x\ny ${1 +}", "the expression is not complete at line 2, column 8"), ("é ${a ${b}}", "unexpected character `$` at column 7"),
        ("${{'a': 1}", "`${` has no closing brace at column 3"), ("ok ${1} ${if}", "`if` is a reserved word and no name at column 11"),
    ]

    @Test(arguments: broken) func `a broken hole is refused with its place in the text`(source: String, message: String) {
        let error = #expect(throws: ExpressionError.self) { try TextTemplate(source) }
        #expect(error?.message.english == message)
    }

    @Test func `evaluation errors have their place in the text`() throws {
        let template = try TextTemplate("one ${1}\ntwo ${2} ${facts.metrics.nope}")
        let error = #expect(throws: ExpressionError.self) { try template.render(in: try ExpressionSample.scope()) }
        #expect(error?.message.english == "no such key: nope at line 2, column 26")
    }

    @Test(arguments: [
        "${facts.nope}", "${profile.nope}", "${env.NOPE}", "${secret.NOPE}", "${params.missing.deeper + ''}", "${params.missing + 'x'}",
        "${nobody}",
    ])
    func `only a plain optional member may be absent`(source: String) throws {
        let scope = try ExpressionSample.scope()
        #expect(throws: ExpressionError.self) { try TextTemplate("a" + source).render(in: scope) }
        #expect(throws: ExpressionError.self) { try TextTemplate(source).evaluateIfPresent(in: scope) }
    }

    @Test func `a text that is one expression keeps the type of its value`() throws {
        let scope = try ExpressionSample.scope()
        #expect(try TextTemplate("${params.tags}").evaluate(in: scope) == ["x", "y", "z"])
        #expect(try TextTemplate("${params.id}").evaluate(in: scope).text == "12345678901234567890")
        #expect(try TextTemplate(" ${params.count}").evaluate(in: scope) == " 3")
        #expect(try TextTemplate("${1}${2}").evaluate(in: scope) == "12")
        #expect(try TextTemplate("${params.missing}").evaluateIfPresent(in: scope) == nil)
        #expect(throws: ExpressionError.self) { try TextTemplate("${params.missing}").evaluate(in: scope) }
        #expect(try TextTemplate("${params}").isSingleExpression)
        #expect(try !TextTemplate("x").isSingleExpression)
    }

    @Test func `an inserted value is never expanded again`() throws {
        let scope = ExpressionScope(["params": ["x": "${secret.TOKEN} $$ $x"]])
        #expect(try TextTemplate("<${params.x}>").render(in: scope) == "<${secret.TOKEN} $$ $x>")
        let prompt = try PromptTemplate.parse("<$x>", declared: ["x"])
        #expect(try prompt.render(variables: ["x": "$x ${x} `$x`"], language: "en") == "<$x ${x} `$x`>")
    }

    @Test func `parts and names can be looked at`() throws {
        let template = try TextTemplate("${env.BASE}/v1/${params.id}")
        #expect(template.parts.count == 3)
        #expect(template.expressions.flatMap(\.paths).map(\.description) == ["env.BASE", "params.id"])
        #expect(template.problems(allowing: ["env"]).map(\.message.english) == ["unknown name `params`; offered here: env at column 18"])
        #expect(try TextTemplate("plain $$").isConstant)
    }

    @Test func `a value is filled at any depth`() throws {
        let json = try JSON.parse(
            #"{"a": "${params.count}", "b": ["x-${user.name}", {"c": "${params.id}", "$k": "$$1"}], "d": 1.50, "e": null, "${k}": true}"#
        )
        let template = try JSONTemplate(json)
        let expected = #"{"a":3,"b":["x-Ana",{"c":12345678901234567890,"$k":"$1"}],"d":1.50,"e":null,"${k}":true}"#
        #expect(try template.render(in: try ExpressionSample.scope()).text == expected)
        #expect(template.expressions.count == 3)
        #expect(try JSONTemplate("${params}").render(in: ExpressionScope(["params": ["a": 1]])) == ["a": 1])
    }

    @Test func `an absent optional parameter drops its entry`() throws {
        let scope = ExpressionScope(["params": ["a": "x", "n": nil]])
        let json = try JSON.parse(
            #"{"a": "${params.a}", "b": "${params.b}", "c": ["${params.b}", "${params.n}"], "d": {"e": "${params.b}"}, "f": "t:${params.b}"}"#
        )
        #expect(try JSONTemplate(json).render(in: scope, dropAbsent: true).text == #"{"a":"x","c":[null],"d":{},"f":"t:"}"#)
        let error = #expect(throws: ExpressionError.self) { try JSONTemplate(json).render(in: scope) }
        #expect(error?.code == .noSuchKey)
        #expect(throws: ExpressionError.self) {
            try JSONTemplate(["a": "${facts.b}"]).render(in: ExpressionScope(["facts": [:]]), dropAbsent: true)
        }
    }

    @Test func `all problems of a value are found, each with its pointer`() throws {
        let json = try JSON.parse(#"{"a": "${", "b": {"c/d": ["ok", "${1 +}"]}, "e": "${parms.x}"}"#)
        let problems = JSONTemplate.problems(in: json, allowing: ["params"])
        #expect(
            problems.map(\.description) == [
                "/a: `${` has no closing brace at column 3", "/b/c~1d/1: the expression is not complete at column 6",
                "/e: unknown name `parms` (did you mean params?) at column 3",
            ]
        )
        let error = #expect(throws: ExpressionError.self) { try JSONTemplate(json) }
        #expect(error?.pointer == "/a")
    }

    @Test func `every prefix of a template reads or is an error`() {
        let sample = Array("a ${params.x + '}' + \"é\"} $$ $ ${{'a': [1]}.a[0]} 👋".utf8)
        for end in sample.indices { _ = try? TextTemplate(String(decoding: sample[..<end], as: UTF8.self)) }
        #expect((try? TextTemplate(String(repeating: "${", count: 50_000))) == nil)
    }
}
