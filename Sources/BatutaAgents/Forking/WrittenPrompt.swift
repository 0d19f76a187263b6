import BatutaCore

extension PromptTemplate {
    /// The prompt as somebody would write it in one piece: blocks in their places, and of those with variants the one that is meant.
    ///
    /// Read again it comes to the same, but for texts in which a dollar sign is meant as such both inside and outside of code.
    func written(variants: [String: String], declared: Set<String>) -> String {
        let pieces = Self.pieces(of: parts, variants)
        let plain = pieces.map(\.source).joined()
        guard !Self.reads(plain, as: pieces, declared) else { return plain }
        let escaped = pieces.map(\.escapedSource).joined()
        return Self.reads(escaped, as: pieces, declared) ? escaped : plain
    }

    private static func reads(_ text: String, as pieces: [PromptPiece], _ declared: Set<String>) -> Bool {
        guard let template = try? parse(text, declared: declared) else { return false }
        return self.pieces(of: template.parts, [:]) == pieces
    }

    private static func pieces(of parts: [Part], _ variants: [String: String]) -> [PromptPiece] {
        parts.flatMap { part -> [PromptPiece] in
            switch part {
            case .text(let text): [.text(text)]
            case .variable(let name): [.variable(name)]
            case .expression(let source): [.expression(source)]
            case .choice(let choice): pieces(of: option(of: choice, variants)?.parts ?? [], variants)
            }
        }
        .reduce(into: []) { pieces, piece in
            if case .text(let text) = piece, case .text(let before)? = pieces.last {
                pieces[pieces.count - 1] = .text(before + text)
            } else {
                pieces.append(piece)
            }
        }
    }

    private static func option(of choice: PromptChoice, _ variants: [String: String]) -> PromptChoice.Option? {
        choice.options.first { $0.variant == variants[choice.prompt] } ?? choice.options.max { $0.weight < $1.weight }
    }
}

/// A stretch of a prompt in which nothing is left to be chosen.
private enum PromptPiece: Hashable {
    case text(String)
    case variable(String)
    case expression(String)

    var source: String {
        switch self {
        case .text(let text): text
        case .variable(let name): "$\(name)"
        case .expression(let source): "${\(source)}"
        }
    }

    /// With every dollar sign of a text escaped.
    var escapedSource: String {
        guard case .text(let text) = self else { return source }
        return text.replacing("$", with: "\\$")
    }
}
