import BatutaCore

/// The texts of `batuta help` and `batuta COMMAND --help`.
enum Help {
    static func overview(_ commands: [any Command.Type], _ language: Language) -> String {
        var lines = [
            Words("Batuta runs teams of AI agents in production.", "O Batuta põe equipes de agentes de IA em produção.")(language), "",
            Words("Usage: batuta COMMAND [options]", "Uso: batuta COMANDO [opções]")(language), "",
        ]
        let width = commands.map { $0.name.count }.max() ?? 0
        for command in commands {
            lines.append("  " + command.name.padded(to: width + 2) + command.summary(language))
        }
        lines += ["", Words("batuta COMMAND --help shows the options.", "batuta COMANDO --help mostra as opções.")(language)]
        return lines.joined(separator: "\n")
    }

    static func page(_ command: any Command.Type, _ language: Language) -> String {
        var lines = [command.summary(language), "", command.usage(language), ""]
        let rows = (command.options + [.help]).map { option in
            ("--" + option.name + (option.value.map { " " + $0 } ?? ""), option.help(language))
        }
        let width = rows.map { $0.0.count }.max() ?? 0
        for (left, right) in rows { lines.append("  " + left.padded(to: width + 2) + right) }
        return lines.joined(separator: "\n")
    }
}

extension String {
    func padded(to width: Int) -> String { count >= width ? self : self + String(repeating: " ", count: width - count) }

    func trimmingTrailingSpace() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
