import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct PatternExampleTests {
    @Test(arguments: [
        ("(?i)pause (?:a )?campanha (?<name>.+)", "pause a campanha …"),
        ("^(?i)(list|show)( all)? campaigns?$", "list all campaign"),
        ("ol[áa]\\b", "olá"),
        ("relat[óo]rio.*(semana|mês)", "relatório … semana"),
        ("(?P<what>\\w+) de \\d{4}", "… de …"),
        ("budget\\s+R\\$ ?([0-9]+)", "budget R$ …"),
        ("(|x)yes", "xyes"),
        ("a+b{2,3}?c", "abc"),
        ("(?i:Olá) (mundo)", "Olá mundo"),
    ])
    func `a pattern becomes something to type`(_ pattern: String, _ example: String) {
        #expect(PatternExample.text(of: pattern) == example)
    }

    @Test(arguments: ["", ".*", "(?i)", "^$", "[", "\\", "(", "(((((((((", ")", "*", "[^a]", "a{", "(?<", "(?"])
    func `a pattern without words, or a broken one, gives none and never fails`(_ pattern: String) {
        let text = PatternExample.text(of: pattern)
        #expect(text == nil || text == "a")
    }

    @Test func `deep nesting gives up quietly`() {
        #expect(PatternExample.text(of: String(repeating: "(", count: 900) + "a") == nil)
    }
}
