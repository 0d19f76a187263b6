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

    @Test func `an unknown code shows what was said`() {
        let event = ErrorEvent(code: "other", message: "Something broke.", recoverable: false)
        #expect(ErrorText.text(for: event, portuguese: false) == "Error: Something broke.")
    }
}
