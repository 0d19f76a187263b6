import BatutaCore
import BatutaTesting
import Foundation
import Testing

@testable import BatutaRuns

@Suite struct ErrorTextTests {
    @Test(arguments: RunErrorCode.allCases.filter { $0 != .internal })
    func `S2.91 every code says in both languages what it means, before what was said exactly`(_ code: RunErrorCode) {
        let event = ErrorEvent(code: code.rawValue, message: "HTTP 418", recoverable: false)
        let (english, portuguese) = (ErrorText.text(for: event, portuguese: false), ErrorText.text(for: event, portuguese: true))
        #expect(english.hasPrefix("Error: ") && english.hasSuffix("(HTTP 418)"))
        #expect(portuguese.hasPrefix("Erro: ") && portuguese.hasSuffix("(HTTP 418)"))
        #expect(english.utf8.count > "Error: (HTTP 418)".utf8.count + 10)
    }

    @Test(arguments: [
        (
            "local answered 401: no key (check the provider's api_key)", "local respondeu 401: no key (confira o api_key do provedor)"
        ),
        (
            "127.0.0.1:9 refuses connections; check that it runs and the port is right.",
            "127.0.0.1:9 recusa conexões; confira se está no ar e se a porta está certa."
        ),
        ("openai answered 401 (check OPENAI_API_KEY)", "openai respondeu 401 (confira OPENAI_API_KEY)"),
        ("The run was stopped while the call was under way.", "A execução foi interrompida durante a chamada."), ("HTTP 418", "HTTP 418"),
        (
            "The node write failed: a.example:443 refuses connections; check that it runs and the port is right. (3 attempts)",
            "O nó write falhou: a.example:443 recusa conexões; confira se está no ar e se a porta está certa. (3 tentativas)"
        ),
        (
            "one answered 500: oops (odd) Instead of main (m-1), spare (m-2) is asked.",
            "one respondeu 500: oops (odd) No lugar de main (m-1), pergunta-se a spare (m-2)."
        ),
        // What others said stays, also where it sounds like us.
        (
            "shop answered 409: The order answered late, it failed: The name of the buyer (2 attempts) is missing.",
            "shop respondeu 409: The order answered late, it failed: The name of the buyer (2 attempts) is missing."
        ),
        ("Nobody answered the phone, and it failed: twice.", "Nobody answered the phone, and it failed: twice."),
    ])
    func `what was said exactly is told in Portuguese as far as the words are ours`(english: String, portuguese: String) {
        #expect(ErrorPhrases.text(english, .portuguese) == portuguese)
        #expect(ErrorPhrases.text(english, .english) == english)
        let event = ErrorEvent(code: "model_rejected", message: english, recoverable: false)
        #expect(ErrorText.text(for: event, portuguese: true).hasSuffix("(\(portuguese))"))
    }

    @Test(arguments: ["lorem (ipsum) ", " Instead of a (b), c (d", "answered 5: (", "plain words "])
    func `a long message that looks like many sentences costs little, and keeps its words`(_ piece: String) {
        let said = String(repeating: piece, count: 1 << 20 / piece.utf8.count)
        // A matcher that tries all ways to read it would go on for hours.
        #expect(ErrorPhrases.text("The node write failed: " + said, .portuguese) == "O nó write falhou: " + said)
    }

    @Test func `an unknown code shows what was said`() {
        let event = ErrorEvent(code: "other", message: "Something broke.", recoverable: false)
        #expect(ErrorText.text(for: event, portuguese: false) == "Error: Something broke.")
    }

    /// Files that end runs, or give calls results that no tool gave.
    private static let sources = [
        "BatutaCore/Runs/RunState+Next.swift", "BatutaCore/Runs/CallState+Approval.swift", "BatutaCore/Teams/RunState+Graph.swift",
        "BatutaAgents/Engine/Engine+Ending.swift", "BatutaAgents/Engine/RunDriver+End.swift", "BatutaAgents/Engine/RunDriver+Model.swift",
        "BatutaAgents/Engine/RunDriver+Time.swift", "BatutaAgents/Engine/RunDriver+Fallback.swift", "BatutaAgents/Teams/TreeLedger.swift",
        "BatutaAgents/Teams/RunDriver+Graph.swift", "BatutaAgents/Teams/RunDriver+Members.swift",
        "BatutaAgents/Teams/RunDriver+MemberRuns.swift", "BatutaAgents/Teams/RunDriver+AboveAndBelow.swift",
    ]

    @Test(arguments: sources) func `every sentence that ends a run, or a call of it, is there in Portuguese`(_ path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/" + path), encoding: .utf8)
        let sentences = Self.sentences(in: text)
        #expect(!sentences.isEmpty, "nothing found in \(path)")
        for sentence in sentences {
            #expect(ErrorPhrases.text(sentence, .portuguese) != sentence, "not in Portuguese: \(sentence)")
        }
    }

    /// String literals that begin like a sentence and end like one, with 7 for what is put into them, and nothing for a person's note.
    private static func sentences(in text: String) -> [String] {
        var found: [String] = []
        for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
            var rest = line[...]
            while let start = rest.firstIndex(of: "\"") {
                let (literal, end) = literal(in: rest[rest.index(after: start)...])
                rest = end
                let begins = literal.first.map { $0.isUppercase || $0 == "7" } == true, ends = literal.last == "." || literal.last == "7"
                if begins, ends, literal.contains(" ") { found.append(literal) }
            }
        }
        return found
    }

    private static func literal(in text: Substring) -> (String, rest: Substring) {
        var literal = "", rest = text, depth = 0
        while let character = rest.first {
            rest = rest.dropFirst()
            if depth > 0 {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
            } else if character == "\\", rest.first == "(" {
                rest = rest.dropFirst()
                if !rest.hasPrefix("note)") { literal += "7" }
                depth = 1
            } else if character == "\"" {
                break
            } else {
                literal.append(character)
            }
        }
        return (literal, rest)
    }
}
