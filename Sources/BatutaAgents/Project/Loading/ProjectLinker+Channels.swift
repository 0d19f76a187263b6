import BatutaCore

extension ProjectLinker {
    /// Channels are read and checked; who sends over them is not there yet.
    mutating func linkChannels() -> [ChannelDefinition] {
        var channels: [ChannelDefinition] = []
        var checks = TemplateChecks(path: ProjectLayout.projectFile)
        for entry in file.channels {
            guard let kind = entry.value.kind.flatMap(ChannelDefinition.Kind.init) else { continue }
            for (_, text) in entry.value.all { checks.text(text, allowing: ["env", "secret"], for: .tool) }
            if entry.name == Self.web {
                let message = Words("`web` is the page's own name", "`web` é o nome da própria página")
                checks.problems.error(entry.line, message, hint: Words("choose another name", "escolha outro nome"))
                continue
            }
            if let address = entry.value.texts["base_url"], !Self.isAddress(address.value) {
                checks.problems.error(address.line, .noAddress("base_url"))
            }
            let settings = entry.value.all.map { ($0.key, JSON.string($0.text.value)) }
            channels.append(ChannelDefinition(name: entry.name, kind: kind, settings: JSONObject(settings)))
        }
        if let first = file.channels.first {
            let message = Words(
                "channels are checked, but nothing is sent over them in this version",
                "os canais são conferidos, mas esta versão não envia nada por eles"
            )
            checks.problems.warning(first.line, message)
        }
        problems += checks.problems.problems
        return channels
    }

    /// The page's inbox, which is always there.
    static let web = "web"

    static func isAddress(_ text: String) -> Bool {
        ["http://", "https://", "${"].contains { text.hasPrefix($0) }
    }

    /// Names where people are told or asked something.
    func checkChannels(_ names: [Located<String>], in list: inout ProblemList) {
        let known = [Self.web] + file.channels.map(\.name)
        for name in names where !known.contains(name.value) && !parsed.mayHave(name.value, under: "channels") {
            list.unknown(.channel, name.value, among: known, line: name.line)
        }
    }
}
