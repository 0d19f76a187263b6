import BatutaCore

/// Puts a prompt together: its own text, and the blocks that it includes with `{{> block}}`, at any depth.
struct PromptAssembly {
    let blocks: PromptBlocks
    let declared: Set<String>
    /// What is known of the variables' values.
    var types: [String: ExpressionType] = [:]
    private(set) var parts: [PromptTemplate.Part] = []
    private(set) var used: Set<String> = []
    private(set) var problems: [ProjectProblem] = []
    private var open: [String] = []
    private var size = 0

    /// Bytes of text after including everything; more is a mistake or an attack.
    private static let longest = 4 << 20

    init(blocks: PromptBlocks, declared: Set<String>) {
        self.blocks = blocks
        self.declared = declared
    }

    /// - Parameter line: the line of the file on which the text begins.
    mutating func add(_ text: String, path: String, line: Int) {
        for piece in PromptIncludes.pieces(of: text, spelt: { blocks[$0] != nil && !declared.contains($0) }) {
            switch piece {
            case .text(let text, let offset): addText(text, path: path, line: line + offset)
            case .include(let name, let offset): include(name, path: path, line: line + offset)
            case .mistake(let mistake, let offset): tell(mistake, path: path, line: line + offset)
            }
        }
    }

    private mutating func tell(_ mistake: PromptIncludes.Mistake, path: String, line: Int) {
        let known = Hint.known(blocks.names)
        let problem: (Words, Words?) =
            switch mistake {
            case .open(let name):
                (
                    Words("the include that begins here is not closed", "a inclusão que começa aqui não fecha"),
                    blocks[name] == nil ? Words("write {{> BLOCK}}", "escreva {{> BLOCO}}") : .include(name)
                )
            case .nameless:
                (
                    Words("the include names no block", "a inclusão não diz qual bloco"),
                    known ?? Words("write {{> BLOCK}}", "escreva {{> BLOCO}}")
                )
            case .variable(let name):
                (
                    Words("`{{\(name)}}` is a variable, and `\(name)` is a block", "`{{\(name)}}` é uma variável, e `\(name)` é um bloco"),
                    .include(name)
                )
            }
        problems.append(ProjectProblem(path: path, line: line, message: problem.0, hint: problem.1))
    }

    private mutating func addText(_ text: String, path: String, line: Int) {
        size += text.utf8.count
        guard size <= Self.longest else { return }
        let check = PromptTemplate.check(text, declared: declared, types: types)
        parts += check.template.parts
        used.formUnion(check.used)
        for problem in check.problems {
            problems.append(ProjectProblem(path: path, line: line + problem.line - 1, message: problem.reason))
        }
    }

    private mutating func include(_ name: String, path: String, line: Int) {
        guard let block = blocks[name] else {
            let write = Words("write prompts/\(name).md", "escreva prompts/\(name).md")
            let hint = Hint.nearest(to: name, among: blocks.names) ?? write
            problems.append(ProjectProblem(path: path, line: line, message: NamedThing.block.unknown(name), hint: hint))
            return
        }
        guard !open.contains(name) else {
            let circle = (open + [name]).joined(separator: " → ")
            let message = Words("the block `\(name)` includes itself (\(circle))", "o bloco `\(name)` inclui a si mesmo (\(circle))")
            problems.append(ProjectProblem(path: path, line: line, message: message))
            return
        }
        guard size <= Self.longest else {
            let message = Words(
                "with all blocks the prompt has more than \(Self.longest) bytes",
                "com todos os blocos o prompt passa de \(Self.longest) bytes"
            )
            problems.append(ProjectProblem(path: path, line: line, message: message))
            return
        }
        open.append(name)
        defer { open.removeLast() }
        switch block {
        case .text(let file): add(file.body, path: file.path, line: file.bodyLine)
        case .variants(let variants): choose(name, among: variants)
        }
    }

    /// Every variant is put together and checked, whichever of them a run will have.
    private mutating func choose(_ name: String, among variants: [PromptBlocks.Variant]) {
        let before = parts
        var choice = PromptChoice(prompt: name, options: [])
        for variant in variants {
            parts = []
            add(variant.file.body, path: variant.file.path, line: variant.file.bodyLine)
            choice.options.append(PromptChoice.Option(variant: variant.name, weight: variant.weight, parts: parts))
        }
        parts = before + [.choice(choice)]
    }
}

extension Words {
    fileprivate static func include(_ name: String) -> Words { Words("write {{> \(name)}}", "escreva {{> \(name)}}") }
}
