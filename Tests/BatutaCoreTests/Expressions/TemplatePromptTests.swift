import BatutaCore
import Testing

@Suite struct TemplatePromptTests {
    static let variables: [String: JSON] = ["name": "Ana", "target_ctr": 1.5, "count": 3, "note": nil, "n": 7, "tags": ["a", "b"]]

    static let prompts: [(String, String)] = [
        (
            "Answer in $language. Target CTR: > $target_ctr%. Spend so far: R$ 10.",
            "Answer in português do Brasil. Target CTR: > 1.5%. Spend so far: R$ 10."
        ),
        ("Hi $name!", "Hi Ana!"), ("$name", "Ana"), ("$name$target_ctr", "Ana1.5"), ("$note.", "."), ("$tags", #"["a","b"]"#),
        ("R$ 10, $5, US$100, 10$", "R$ 10, $5, US$100, 10$"), ("$", "$"), ("$$name", "$name"), ("\\$name", "$name"), ("$$", "$"),
        ("${count + 1.0}", "4"), ("${name.upperAscii()}: ${number(target_ctr, 2)}", "ANA: 1,50"), ("${'}' + name}", "}Ana"),
        ("${money(count, 'BRL')}", "R$ 3,00"),
        ("`$name` and $name", "`$name` and Ana"), ("``a ` $nobody`` $name", "``a ` $nobody`` Ana"), ("` $name", "` Ana"),
        ("a `b\n\n$name` c", "a `b\n\nAna` c"), ("`a\n$nobody` $name", "`a\n$nobody` Ana"),
        ("```\n$nobody ${x\n```\n$name", "```\n$nobody ${x\n```\nAna"), ("~~~sh\necho $HOME\n~~~\n$name", "~~~sh\necho $HOME\n~~~\nAna"),
        ("```\n$nobody", "```\n$nobody"), ("````\n```\n$nobody\n````\n$name", "````\n```\n$nobody\n````\nAna"),
        ("- x\n  ```\n  $nobody\n  ```\n$name", "- x\n  ```\n  $nobody\n  ```\nAna"),
        ("> ```\n> $nobody\n> ```\n$name", "> ```\n> $nobody\n> ```\nAna"),
        ("~~~\n```\n$nobody\n~~~\n$name", "~~~\n```\n$nobody\n~~~\nAna"),
        ("The area is $x^2 + y$ and $name", "The area is $x^2 + y$ and Ana"), ("$E = mc^2$.", "$E = mc^2$."),
        ("$\\alpha_{i}$ $name", "$\\alpha_{i}$ Ana"), ("$n$ and $n items", "$n$ and 7 items"), ("$n^2$", "$n^2$"),
        ("$$\n\\sum_{i} $x\n$$ $name", "$$\n\\sum_{i} $x\n$$ Ana"), ("$$a$$$name", "$$a$$Ana"),
        ("$name costs R$ 5 or US$ 6", "Ana costs R$ 5 or US$ 6"), ("$name has $count", "Ana has 3"), ("$name,$count", "Ana,3"),
        ("$name-$count%", "Ana-3%"), ("from $5 to $name", "from $5 to Ana"), ("$\\$5$ $name", "$\\$5$ Ana"),
        ("CTR > $target_ctr%; CPC < R$ $count; US$ ${count}", "CTR > 1.5%; CPC < R$ 3; US$ 3"), ("$x \\in R$ $name", "$x \\in R$ Ana"),
        ("Hi {{name}}, {{ target_ctr }}%", "Hi Ana, 1.5%"), ("{{name}}{{count}}", "Ana3"), ("{{{name}}}", "{Ana}"),
        ("`{{nobody}}` {{}} {{ }} {{a b}} {{1}} {{x-y}} {name} {{name}", "`{{nobody}}` {{}} {{ }} {{a b}} {{1}} {{x-y}} {name} {{name}"),
        ("```\n{{nobody}}\n```\n{{language}}", "```\n{{nobody}}\n```\nportuguês do Brasil"), ("{{", "{{"), ("{{name", "{{name"),
    ]

    @Test(arguments: prompts) func `S2.111 a prompt is filled in, and what is no variable is left alone`(source: String, expected: String)
        throws
    {
        let prompt = try PromptTemplate.parse(source, declared: Set(Self.variables.keys))
        #expect(try prompt.render(variables: Self.variables, language: "pt-BR") == expected)
    }

    static let broken: [(String, [String])] = [
        ("$nobody", ["line 1: unknown variable `$nobody` (declare it under `variables:`, or write $$nobody for the text itself)"]),
        (
            "a\n$nam b\n\n$targt_ctr\n",
            ["line 2: unknown variable `$nam` (did you mean $name?)", "line 4: unknown variable `$targt_ctr` (did you mean $target_ctr?)"]
        ),
        ("${nam}", ["line 1: unknown name `nam` (did you mean name?)"]),
        ("x\n${1 +} $nam", ["line 2: the expression is not complete", "line 2: unknown variable `$nam` (did you mean $name?)"]),
        ("${ x\n$nam", ["line 2: unexpected character `$`", "line 2: unknown variable `$nam` (did you mean $name?)"]),
        ("${name", ["line 1: `${` has no closing brace"]), ("${params.x}", ["line 1: unknown name `params`"]),
        ("Use $targt and R$ 10", ["line 1: unknown variable `$targt` (declare it"]), ("$foo,$name", ["line 1: unknown variable `$foo`"]),
        (
            "{{nam}}\n{{ nobody }}",
            ["line 1: unknown variable `{{nam}}` (did you mean {{name}}?)", "line 2: unknown variable `{{nobody}}` (declare it under"]
        ),
    ]

    @Test(arguments: broken) func `every problem of a prompt is reported at once, with its line`(source: String, problems: [String]) {
        let error = #expect(throws: PromptTemplateError.self) { try PromptTemplate.parse(source, declared: Set(Self.variables.keys)) }
        let found = error?.problems.map { "line \($0.line): \($0.reason.english)" } ?? []
        #expect(found.count == problems.count)
        for (one, wanted) in zip(found, problems) { #expect(one.hasPrefix(wanted), "\(one)") }
    }

    @Test func `unused variables are reported, the built-in one never`() {
        let check = PromptTemplate.check("Hi $name ${count}", declared: ["name", "count", "tone", "audience", "language"])
        #expect(check.problems.isEmpty)
        #expect(check.unused == ["audience", "tone"])
        #expect(check.used == ["name", "count"])
        #expect(check.template.names == ["name", "count"])
    }

    @Test func `S2.111 a variable without a value is an error`() throws {
        let prompt = try PromptTemplate.parse("Hi $name", declared: ["name"])
        let error = #expect(throws: ExpressionError.self) { try prompt.render(variables: [:], language: "en") }
        #expect(error?.reason.english == "the variable `$name` has no value")
        #expect(throws: ExpressionError.self) {
            try PromptTemplate.parse("${name}", declared: ["name"]).render(variables: [:], language: "en")
        }
    }

    @Test func `every prefix of a prompt reads or is a list of problems`() {
        let sample = Array("---\n$name `a` ```x``` ~~~\n```\nq\n```\n$$a$$ $b$ ${'é' + name} \\$ R$ 10 > ` ``".utf8)
        for start in sample.indices {
            for end in start...sample.count where start == 0 || end == sample.count {
                _ = PromptTemplate.check(String(decoding: sample[start..<end], as: UTF8.self), declared: ["name"])
            }
        }
        #expect(PromptTemplate.check(String(repeating: "$$ ` $a ${ ", count: 500), declared: []).problems.isEmpty == false)
    }
}
