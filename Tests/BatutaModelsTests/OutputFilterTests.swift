import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct OutputFilterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var secrets: [String]
        var text: String
        var shown: String
        var testDescription: String { "\(secrets) in \(text)" }
    }

    static let cases: [Case] = [
        Case(secrets: ["sk-12345"], text: "the key is sk-12345.", shown: "the key is •••."),
        Case(secrets: ["sk-12345"], text: "the key is sk-1234.", shown: "the key is sk-1234."),
        Case(secrets: ["sk-12345"], text: "sk-12345", shown: "•••"),
        Case(secrets: ["sk-12345"], text: "sk-12345sk-12345", shown: "•••"),
        Case(secrets: ["sk-12345"], text: "sk-sk-12345", shown: "sk-•••"),
        Case(secrets: ["abcdef", "abcdefghij"], text: "-abcdefghij-", shown: "-•••-"),
        Case(secrets: ["abcdef", "defghi"], text: "-abcdefghi-", shown: "-•••-"),
        Case(secrets: ["aaaaaa"], text: "aaaaaaaab", shown: "•••b"),
        Case(secrets: ["aaaaaab"], text: "aaaaaaaaaab!", shown: "aaaa•••!"),
        Case(secrets: ["sénha-é"], text: "é sénha-é é", shown: "é ••• é"),
        Case(secrets: ["short"], text: "short", shown: "short"),
        Case(secrets: [""], text: "nothing", shown: "nothing"),
        Case(secrets: ["abcdef"], text: "", shown: ""),
        Case(secrets: ["abcdef"], text: "abcde", shown: "abcde"),
        Case(secrets: ["xyzxyzab", "yzxyzq1"], text: "xyzxyzq1", shown: "x•••"),
    ]

    @Test(arguments: cases) func `known secrets are masked wherever the text is cut`(_ example: Case) {
        let patterns = SecretPatterns(example.secrets)
        #expect(patterns.masked(example.text) == example.shown)
        let characters = Array(example.text)
        for size in 1...3 {
            var filter = OutputFilter(patterns)
            var shown = ""
            for start in stride(from: 0, to: characters.count, by: size) {
                shown += filter.push(String(characters[start..<min(start + size, characters.count)]))
            }
            #expect(shown + filter.finish() == example.shown, "pieces of \(size)")
        }
    }

    @Test func `a secret never shows before it is whole`() {
        var filter = OutputFilter(SecretPatterns(["sk-12345"]))
        #expect(filter.push("key sk-123") == "key ")
        #expect(filter.push("45 end") == "••• end")
        #expect(filter.finish() == "")
    }

    @Test func `only an end that could begin a secret is held back`() {
        var filter = OutputFilter(SecretPatterns(["sk-12345", "another-long-secret"]))
        #expect(filter.push("nothing of it here") == "nothing of it here")
        #expect(filter.push(" anothe") == " ")
        #expect(filter.push("r day") == "another day")
    }

    @Test func `without secrets nothing is held back`() {
        var filter = OutputFilter(SecretPatterns())
        #expect(filter.push("sk-12345") == "sk-12345")
        #expect(filter.finish() == "")
    }

    @Test func `secrets inside JSON are masked in texts and keys and nowhere else`() {
        let patterns = SecretPatterns(["sk-12345"])
        let value: JSON = ["a": ["x sk-12345", 1, true, nil], "sk-12345": "clean"]
        #expect(patterns.masked(value) == ["a": ["x •••", 1, true, nil], "•••": "clean"])
    }

    @Test func `random texts and cuts give the same as masking at once`() {
        let random = SeededRandom(seed: 7)
        let patterns = SecretPatterns(["ababab", "bababa", "abcabcabc", "cccccc"])
        for _ in 0..<300 {
            let text = String((0..<60).map { _ in "abc".randomElement(random) })
            var filter = OutputFilter(patterns)
            var shown = ""
            var rest = Substring(text)
            while !rest.isEmpty {
                let piece = rest.prefix(Int(random.next() % 9) + 1)
                shown += filter.push(String(piece))
                rest = rest.dropFirst(piece.count)
            }
            shown += filter.finish()
            #expect(shown == Self.maskedNaively(text, ["ababab", "bababa", "abcabcabc", "cccccc"]))
        }
    }

    private static func maskedNaively(_ text: String, _ secrets: [String]) -> String {
        let characters = Array(text)
        var covered = [Bool](repeating: false, count: characters.count)
        for secret in secrets.map(Array.init) {
            for start in 0...(characters.count - secret.count) where Array(characters[start..<start + secret.count]) == secret {
                for index in start..<start + secret.count { covered[index] = true }
            }
        }
        var shown = ""
        for index in characters.indices {
            if !covered[index] { shown.append(characters[index]) } else if index == 0 || !covered[index - 1] { shown += "•••" }
        }
        return shown
    }
}

extension String {
    fileprivate func randomElement(_ random: SeededRandom) -> Character {
        let characters = Array(self)
        return characters[Int(random.next() % UInt64(characters.count))]
    }
}
