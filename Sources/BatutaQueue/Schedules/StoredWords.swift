import BatutaCore

/// Words as a column holds them: in both languages, since nobody knows yet who reads them.
extension Words {
    var stored: String { (["en": .string(english), "pt-BR": .string(portuguese)] as JSON).text }

    init?(stored text: String?) {
        guard let json = text.flatMap({ try? JSON.parse($0) }), let english = json["en"]?.string else { return nil }
        self.init(english, json["pt-BR"]?.string ?? english)
    }
}
