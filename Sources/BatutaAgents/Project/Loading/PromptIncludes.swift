/// Finds `{{> block}}` in Markdown, and what was meant to be one; code spans and fences are left alone.
enum PromptIncludes {
    enum Piece: Equatable {
        /// Text with the number of lines before it.
        case text(String, line: Int)
        case include(String, line: Int)
        case mistake(Mistake, line: Int)
    }

    enum Mistake: Equatable {
        /// `{{> tone}`, or nothing at all behind it.
        case open(name: String)
        /// `{{> }}`
        case nameless
        /// `{{tone}}` where `tone` is a block.
        case variable(String)
    }

    /// - Parameter isBlock: Whether `{{NAME}}` can only have been meant for the block of that name.
    static func pieces(of text: String, spelt isBlock: (String) -> Bool = { _ in false }) -> [Piece] {
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
            while let found = firstFinding(in: rest, isBlock) {
                literal += found.before
                if !literal.isEmpty { pieces.append(.text(literal, line: start)) }
                pieces.append(found.piece(number))
                literal = ""
                start = number
                rest = found.after
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

    // MARK: Within a line

    private struct Finding {
        var before: Substring
        var name: String
        var mistake: Mistake?
        var after: Substring

        func piece(_ line: Int) -> Piece { mistake.map { .mistake($0, line: line) } ?? .include(name, line: line) }
    }

    /// The first include of a line that stands in no code span, or what was meant to be one.
    private static func firstFinding(in line: Substring, _ isBlock: (String) -> Bool) -> Finding? {
        guard line.utf8.contains(0x7B) else { return nil }
        var search = line
        while let opening = search.firstRange(of: "{{") {
            search = line[opening.upperBound...]
            guard line[..<opening.lowerBound].count(where: { $0 == "`" }) % 2 == 0 else { continue }
            let before = line[..<opening.lowerBound]
            // Of more than two braces the last two count.
            if search.first == "{" {
                search = line[line.index(after: opening.lowerBound)...]
                continue
            }
            if search.first == ">" { return include(before, search.dropFirst()) }
            if let finding = variable(before, search), isBlock(finding.name) { return finding }
        }
        return nil
    }

    /// A block's name has no braces in it: another include may follow one that was not closed.
    private static func include(_ before: Substring, _ content: Substring) -> Finding {
        let name = content.prefix { $0 != "{" && $0 != "}" }
        let words = name.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        let rest = content[name.endIndex...]
        guard rest.hasPrefix("}}") else {
            let mistake = Mistake.open(name: words.first.map(String.init) ?? "")
            return Finding(before: before, name: "", mistake: mistake, after: rest.hasPrefix("}") ? rest.dropFirst() : rest)
        }
        return Finding(
            before: before,
            name: words.joined(separator: " "),
            mistake: words.isEmpty ? .nameless : nil,
            after: rest.dropFirst(2)
        )
    }

    private static func variable(_ before: Substring, _ content: Substring) -> Finding? {
        let inside = content.prefix { $0 != "{" && $0 != "}" }
        let words = inside.split(separator: " ")
        guard words.count == 1, let name = words.first.map(String.init), content[inside.endIndex...].hasPrefix("}}") else { return nil }
        return Finding(before: before, name: name, mistake: .variable(name), after: content[inside.endIndex...].dropFirst(2))
    }
}
