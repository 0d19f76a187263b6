import BatutaCore

/// The shared blocks of prompts/, with their variants: `tone.md` is a block, `tone@warm.md` a variant of it.
struct PromptBlocks: Sendable {
    private var blocks: [String: Block] = [:]
    private(set) var problems: [ProjectProblem] = []

    enum Block: Sendable {
        case text(ParsedProject.Parsed<PromptFile>)
        /// At least one besides the block itself, in the order of their names.
        case variants([Variant])
    }

    struct Variant: Sendable {
        /// `default` is the block itself.
        var name: String
        var weight: Int
        var file: ParsedProject.Parsed<PromptFile>
    }

    /// What the weights of all variants come to, where the block itself takes the rest.
    private static let whole = 100

    init(_ prompts: [ParsedProject.Parsed<PromptFile>]) {
        var plain: [String: ParsedProject.Parsed<PromptFile>] = [:]
        var variants: [String: [Variant]] = [:]
        for prompt in prompts {
            guard let at = prompt.stem.firstIndex(of: "@") else {
                plain[prompt.stem] = prompt
                continue
            }
            let (block, name) = (String(prompt.stem[..<at]), String(prompt.stem[prompt.stem.index(after: at)...]))
            guard isUsable(block, name, prompt) else { continue }
            variants[block, default: []].append(Variant(name: name, weight: prompt.value.weight ?? 0, file: prompt))
        }
        for (name, prompt) in plain where variants[name] == nil {
            if prompt.value.weight != nil { tellUnweighed(name, prompt) }
            blocks[name] = .text(prompt)
        }
        for (name, others) in variants { blocks[name] = .variants(own(plain[name], beside: others) + others) }
        for (name, block) in blocks {
            checkWeights(name, block)
            checkTexts(name, block)
        }
    }

    var names: [String] { Array(blocks.keys) }

    subscript(name: String) -> Block? { blocks[name] }

    /// The block itself takes part with its own weight, else with what the others leave of a hundred.
    private func own(_ block: ParsedProject.Parsed<PromptFile>?, beside others: [Variant]) -> [Variant] {
        guard let block else { return [] }
        let rest = max(0, Self.whole - others.reduce(0) { $0 + $1.weight })
        return [Variant(name: PromptChoice.ownVariant, weight: block.value.weight ?? rest, file: block)]
    }

    private mutating func isUsable(_ block: String, _ name: String, _ prompt: ParsedProject.Parsed<PromptFile>) -> Bool {
        if !ProjectLayout.isName(block) || !ProjectLayout.isName(name) {
            tell(
                prompt,
                Words("a variant is called prompts/NAME@VARIANT.md", "uma variante se chama prompts/NOME@VARIANTE.md"),
                hint: ProjectLayout.nameRule
            )
            return false
        }
        if name == PromptChoice.ownVariant {
            tell(
                prompt,
                Words("`default` is the block itself", "`default` é o próprio bloco"),
                hint: Words("write prompts/\(block).md, or choose another name", "escreva prompts/\(block).md, ou escolha outro nome")
            )
            return false
        }
        if prompt.value.weight == nil {
            tell(
                prompt,
                Words("a variant needs `weight`", "uma variante precisa de `weight`"),
                hint: Words(
                    "write `weight: 50` in its front matter: the block itself takes the rest of 100",
                    "escreva `weight: 50` no cabeçalho: o próprio bloco fica com o resto de 100"
                )
            )
        }
        return true
    }

    private mutating func tellUnweighed(_ name: String, _ prompt: ParsedProject.Parsed<PromptFile>) {
        let message = Words("`weight` of a block without variants means nothing", "`weight` de um bloco sem variantes não significa nada")
        let hint = Words("write prompts/\(name)@VARIANT.md, or remove it", "escreva prompts/\(name)@VARIANTE.md, ou remova-o")
        tell(prompt, message, hint: hint, severity: .warning)
    }

    private mutating func checkWeights(_ name: String, _ block: Block) {
        checkRest(name, block)
        guard case .variants(let variants) = block, variants.allSatisfy({ $0.weight == 0 }),
            variants.allSatisfy({ $0.file.value.weight != nil })
        else { return }
        tell(
            variants[0].file,
            Words("no variant of `\(name)` has a weight over 0", "nenhuma variante de `\(name)` tem peso acima de 0"),
            hint: Words("give one of them `weight: 100`", "dê `weight: 100` a uma delas")
        )
    }

    /// The block itself takes what the variants leave of a hundred: sometimes nothing.
    private mutating func checkRest(_ name: String, _ block: Block) {
        guard case .variants(let variants) = block else { return }
        let others = variants.filter { $0.name != PromptChoice.ownVariant }
        guard let own = variants.first(where: { $0.name == PromptChoice.ownVariant }) else { return checkAlone(name, others) }
        let sum = others.reduce(0) { $0 + $1.weight }
        guard own.file.value.weight == nil, sum > Self.whole, let last = others.last else { return }
        tell(
            last.file,
            Words(
                "the weights of the variants of `\(name)` come to \(sum): nothing of \(Self.whole) is left for prompts/\(name).md, which nobody gets",
                "os pesos das variantes de `\(name)` somam \(sum): não sobra nada de \(Self.whole) para prompts/\(name).md, que ninguém recebe"
            ),
            hint: Words(
                "lower them, or give prompts/\(name).md a `weight` of its own: they count against each other then",
                "diminua-os, ou dê um `weight` a prompts/\(name).md: aí eles contam um em relação ao outro"
            ),
            severity: .warning
        )
    }

    /// A single variant of no block is what everybody gets.
    private mutating func checkAlone(_ name: String, _ variants: [Variant]) {
        guard variants.count == 1, let only = variants.first, only.file.value.weight != nil, only.weight > 0 else { return }
        tell(
            only.file,
            Words(
                "there is no prompts/\(name).md, so everybody gets this variant, whatever its weight",
                "não há prompts/\(name).md; todos recebem esta variante, qualquer que seja o peso"
            ),
            hint: Words(
                "write prompts/\(name).md, or rename this file to it",
                "escreva prompts/\(name).md, ou dê esse nome a este arquivo"
            ),
            severity: .warning
        )
    }

    /// A text that says nothing was mostly meant to say something.
    private mutating func checkTexts(_ name: String, _ block: Block) {
        let files =
            switch block {
            case .text(let file): [file]
            case .variants(let variants): variants.map(\.file)
            }
        for file in files where file.body.isEmpty {
            tell(
                file,
                Words("`\(file.stem)` has no text", "`\(file.stem)` está sem texto"),
                hint: Words("write it below the front matter", "escreva-o abaixo do cabeçalho"),
                severity: .warning
            )
        }
    }

    private mutating func tell(
        _ prompt: ParsedProject.Parsed<PromptFile>,
        _ message: Words,
        hint: Words,
        severity: ProjectProblem.Severity = .error
    ) {
        problems.append(ProjectProblem(path: prompt.path, line: 1, message: message, hint: hint, severity: severity))
    }
}
