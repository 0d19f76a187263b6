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
        for piece in PromptIncludes.pieces(of: text) {
            switch piece {
            case .text(let text, let offset): addText(text, path: path, line: line + offset)
            case .include(let name, let offset): include(name, path: path, line: line + offset)
            }
        }
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

/// Finds `{{> block}}` in Markdown; code spans and fences are left alone.
enum PromptIncludes {
    enum Piece: Equatable {
        /// Text with the number of lines before it.
        case text(String, line: Int)
        case include(String, line: Int)
    }

    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var literal = ""
        var start = 0
        var fence: String?
        // By bytes: by characters it would be the dearest part of loading a project.
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { Substring($0) }
        for (number, line) in lines.enumerated() {
            if number > 0 { literal += "\n" }
            let mark = fenceMark(line)
            if fence != nil || mark != nil {
                if let open = fence { if let mark, mark.hasPrefix(open) { fence = nil } } else { fence = mark }
                literal += line
                continue
            }
            var rest = line
            while let (before, name, after) = firstInclude(in: rest) {
                literal += before
                if !literal.isEmpty { pieces.append(.text(literal, line: start)) }
                pieces.append(.include(name, line: number))
                literal = ""
                start = number
                rest = after
            }
            literal += rest
        }
        if !literal.isEmpty { pieces.append(.text(literal, line: start)) }
        return pieces
    }

    private static func fenceMark(_ line: Substring) -> String? {
        let content = line.drop { $0 == " " || $0 == "\t" || $0 == ">" }
        guard let first = content.first, first == "`" || first == "~" else { return nil }
        let mark = content.prefix { $0 == first }
        guard mark.count >= 3, first == "~" || !content.dropFirst(mark.count).contains("`") else { return nil }
        return String(mark)
    }

    /// The first include of a line that stands in no code span.
    private static func firstInclude(in line: Substring) -> (before: Substring, name: String, after: Substring)? {
        guard line.utf8.contains(0x7B) else { return nil }
        var search = line
        while let opening = search.firstRange(of: "{{>") {
            guard let closing = line[opening.upperBound...].firstRange(of: "}}") else { return nil }
            if line[..<opening.lowerBound].count(where: { $0 == "`" }) % 2 == 0 {
                let name = line[opening.upperBound..<closing.lowerBound].split(separator: " ").joined(separator: " ")
                return (line[..<opening.lowerBound], name, line[closing.upperBound...])
            }
            search = line[closing.upperBound...]
        }
        return nil
    }
}
