import BatutaCore
import Testing

@Suite struct PatternTests {
    @Test func `groups are found by number and by name`() throws {
        let pattern = try Pattern("(?i)pause (?<name>.+?)( now)?$")
        let match = try #require(pattern.firstMatch(in: "please PAUSE Verão 2026"))
        #expect(match.text == "PAUSE Verão 2026")
        #expect(match["name"] == "Verão 2026")
        #expect(match[1] == "Verão 2026")
        #expect(match[2] == nil)
        #expect(match[3] == nil)
        #expect(match["nope"] == nil)
        #expect(match.named == ["name": "Verão 2026"])
        #expect(match.utf8Range == 7..<24)
        #expect(pattern.firstMatch(in: "resume it") == nil)
    }

    @Test(arguments: [
        ("b+", "abbc", true, false), ("b+", "bbb", true, true), ("^a", "ba", false, false), ("", "x", true, false), ("", "", true, true),
        ("é.", "née!", true, false), ("a$", "a\n", false, false),
    ])
    func `searching and describing the whole text differ`(pattern: String, text: String, found: Bool, whole: Bool) throws {
        let pattern = try Pattern(pattern)
        #expect(pattern.matches(text) == found)
        #expect(pattern.fullyMatches(text) == whole)
    }

    @Test(arguments: [
        (#"(?<a>x)"#, "x", "a"), (#"(?P<a>x)"#, "x", "a"), (#"[(?<a>]+(?<b>x)"#, "?<x", "b"), (#"\(?<a>(?<b>x)"#, "(<a>x", "b"),
        (#"\Q(?<a>\E(?<b>x)"#, "(?<a>x", "b"),
        (#"\u00e9(?<c>\d)"#, "é7", "c"),
    ])
    func `named groups of both spellings work and lookalikes are left alone`(pattern: String, text: String, name: String) throws {
        let match = try #require(try Pattern(pattern).firstMatch(in: text))
        #expect(match[name] != nil)
    }

    @Test(arguments: [
        "(", "a)", "[a", "a**", "(?=x)", "(?!x)", "(?<=x)a", "(?<!x)a", #"(a)\1"#, "x{2000}", "((x{100}){100}){100}", "(?<a b>x)",
        "(?<a>x)(?<a>y)", #"\"#, "(?<",
    ])
    func `a pattern that RE2 does not take is refused with its reason`(pattern: String) {
        let error = #expect(throws: PatternError.self) { try Pattern(pattern) }
        #expect((error?.message.english.count ?? 0) > 20)
    }

    @Test func `a pattern too long to be meant is refused`() {
        #expect(#expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 10_001)) }?.code == .tooLong)
    }

    @Test func `hostile repetition stays linear`() throws {
        let pattern = try Pattern("(a+)+$")
        #expect(!pattern.matches(String(repeating: "a", count: 200_000) + "b"))
    }

    @Test func `all occurrences are found, empty ones without end`() throws {
        #expect(try Pattern(#"\d+"#).matches(in: "1 22 é 333").map(\.text) == ["1", "22", "333"])
        #expect(try Pattern("x*").matches(in: "axé").count == 4)
        #expect(try Pattern("a").matches(in: "aaaa", limit: 2).count == 2)
    }

    @Test func `one pattern serves many tasks at once`() async throws {
        let pattern = try Pattern("(?<n>[0-9]+)$")
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 { group.addTask { pattern.firstMatch(in: "run \(index)")?["n"] == "\(index)" } }
            for await right in group { #expect(right) }
        }
    }
}
