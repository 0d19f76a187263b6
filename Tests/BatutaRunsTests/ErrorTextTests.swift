import BatutaCore
import BatutaTesting
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
    ])
    func `what was said exactly is told in Portuguese as far as the words are ours`(english: String, portuguese: String) {
        #expect(ErrorPhrases.text(english, .portuguese) == portuguese)
        #expect(ErrorPhrases.text(english, .english) == english)
        let event = ErrorEvent(code: "model_rejected", message: english, recoverable: false)
        #expect(ErrorText.text(for: event, portuguese: true).hasSuffix("(\(portuguese))"))
    }

    @Test func `an unknown code shows what was said`() {
        let event = ErrorEvent(code: "other", message: "Something broke.", recoverable: false)
        #expect(ErrorText.text(for: event, portuguese: false) == "Error: Something broke.")
    }
}
