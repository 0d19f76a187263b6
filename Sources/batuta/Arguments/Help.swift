import BatutaCore

/// The texts of `batuta help` and `batuta COMMAND --help`, for a terminal of 80 columns.
enum Help {
    private static let width = 80

    static func overview(_ commands: [any Command.Type], _ language: Language) -> String {
        let opening = [
            Words("Batuta runs teams of AI agents in production.", "O Batuta põe equipes de agentes de IA em produção.")(language), "",
            Words("Usage: batuta COMMAND [options]", "Uso: batuta COMANDO [opções]")(language), "",
        ]
        let rows = rows(commands.map { ($0.name, $0.summary(language)) })
        let closing = ["", Words("batuta COMMAND --help shows the options.", "batuta COMANDO --help mostra as opções.")(language)]
        return (opening + rows + closing).joined(separator: "\n")
    }

    static func page(_ command: any Command.Type, _ language: Language) -> String {
        let options = (command.options + [.help]).map { option in
            ("--" + option.name + (option.value.map { " " + $0 } ?? ""), option.help(language))
        }
        let opening = wrapped(command.summary(language), to: width) + ["", command.usage(language), ""]
        return (opening + rows(options)).joined(separator: "\n")
    }

    /// Two columns; what does not fit behind a name goes on below itself.
    private static func rows(_ rows: [(left: String, right: String)]) -> [String] {
        let column = (rows.map(\.left.count).max() ?? 0) + 4
        return rows.flatMap { row in
            wrapped(row.right, to: width - column).enumerated().map { index, line in
                (index == 0 ? "  " + row.left : "").padded(to: column) + line
            }
        }
    }

    /// Lines that break between words; a word that is longer stays whole.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        text.split(separator: " ").reduce(into: [""]) { lines, word in
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
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
