/// Walks over a prompt in Markdown and finds its variables and expressions.
struct PromptScanner {
    private let bytes: [UInt8]
    private let names: Set<String>
    private let checker: ExpressionChecker
    private var position = 0
    private var literal: [UInt8] = []
    private var place = SourceLocation()
    private(set) var parts: [PromptTemplate.Part] = []
    private(set) var problems: [ExpressionError] = []
    private(set) var used: Set<String> = []

    /// - Parameter types: What is known of the values of names.
    init(_ text: String, names: Set<String>, types: [String: ExpressionType] = [:]) {
        bytes = Array(text.utf8)
        self.names = names
        checker = ExpressionChecker(Dictionary(names.map { ($0, types[$0] ?? .dyn) }) { first, _ in first })
    }

    mutating func scan() {
        while position < bytes.count {
            if isAtLineStart, let end = MarkdownCode.endOfFence(bytes, from: position) {
                copy(to: end)
            } else if bytes[position] == UInt8(ascii: "`") {
                copy(to: MarkdownCode.endOfSpan(bytes, from: position))
            } else if bytes[position] == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "$") {
                literal.append(UInt8(ascii: "$"))
                position += 2
            } else if bytes[position] == UInt8(ascii: "$") {
                dollar()
            } else if bytes[position] == UInt8(ascii: "{"), let braces = bracedName() {
                variable(in: braces)
            } else {
                copy(to: position + 1)
            }
        }
        flush()
    }

    private var isAtLineStart: Bool { position == 0 || bytes[position - 1] == 10 }

    private func byte(_ ahead: Int) -> UInt8 { position + ahead < bytes.count ? bytes[position + ahead] : 0 }

    private mutating func copy(to end: Int) {
        literal += bytes[position..<end]
        position = end
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        parts.append(.text(String(decoding: literal, as: UTF8.self)))
        literal = []
    }

    private mutating func add(_ part: PromptTemplate.Part) {
        flush()
        parts.append(part)
    }

    /// The place of a byte at or behind those asked for before.
    private mutating func location(_ offset: Int) -> SourceLocation {
        if offset > place.offset { place = place.advanced(over: bytes[place.offset..<offset]) }
        return place
    }

    // MARK: What follows a dollar sign

    private mutating func dollar() {
        if byte(1) == UInt8(ascii: "$") {
            doubleDollar()
        } else if byte(1) == UInt8(ascii: "{") {
            expression()
        } else if ExpressionLexer.isNameStart(byte(1)) {
            variable()
        } else if let end = PromptMaths.endOfInline(bytes, from: position) {
            copy(to: end)
        } else {
            copy(to: position + 1)
        }
    }

    /// `$$…$$` is maths; `$$` before anything else is a dollar sign that means nothing else.
    private mutating func doubleDollar() {
        if let end = PromptMaths.endOfDisplay(bytes, from: position) {
            copy(to: end)
        } else {
            literal.append(UInt8(ascii: "$"))
            position += 2
        }
    }

    /// A declared name is a variable, unless it plainly begins maths: `$n$`, `$x^2 + 1$`. With an undeclared name any maths may begin.
    private mutating func variable() {
        let tail = bytes[(position + 1)...].prefix { ExpressionLexer.isNamePart($0) }
        let name = String(decoding: tail, as: UTF8.self)
        let maths = PromptMaths.endOfInline(bytes, from: position)
        if names.contains(name), maths.map({ !isMaths(upTo: $0) }) ?? true {
            add(.variable(name))
            used.insert(name)
            position = tail.endIndex
        } else if let maths {
            copy(to: maths)
        } else {
            problems.append(unknown(name))
            position = tail.endIndex
        }
    }

    private func isMaths(upTo end: Int) -> Bool {
        PromptMaths.isPlain(bytes[(position + 1)..<(end - 1)]) && !PromptMaths.isCurrency(bytes, dollar: end - 1)
    }

    private mutating func unknown(_ name: String) -> ExpressionError {
        unknown("$\(name)", near: name, escaped: "$$\(name)") { "$\($0)" }
    }

    private mutating func unknown(_ written: String, near name: String, escaped: String, _ spelt: (String) -> String) -> ExpressionError {
        let near = nearestNames(to: name, among: names.sorted(), limit: 1).first.map(spelt)
        let declare = Words(
            " (declare it under `variables:`, or write \(escaped) for the text itself)",
            " (declare-a em `variables:`, ou escreva \(escaped) se for só texto)"
        )
        let reason = Words("unknown variable `\(written)`", "não existe a variável `\(written)`")
        return ExpressionError(.unknownName, reason + (near == nil ? declare : .meant(near)), at: location(position))
    }

    // MARK: What stands in double braces

    /// `{{name}}`, as other systems write a variable; nil for any other braces.
    private func bracedName() -> (name: String, end: Int)? {
        guard byte(1) == UInt8(ascii: "{") else { return nil }
        let start = bytes[(position + 2)...].drop { $0 == 32 }
        let name = start.prefix { ExpressionLexer.isNamePart($0) }
        let rest = bytes[name.endIndex...].drop { $0 == 32 }
        guard let first = name.first, ExpressionLexer.isNameStart(first), rest.starts(with: "}}".utf8) else { return nil }
        return (String(decoding: name, as: UTF8.self), rest.startIndex + 2)
    }

    private mutating func variable(in braces: (name: String, end: Int)) {
        if names.contains(braces.name) {
            add(.variable(braces.name))
            used.insert(braces.name)
        } else {
            problems.append(unknown("{{\(braces.name)}}", near: braces.name, escaped: "`{{\(braces.name)}}`") { "{{\($0)}}" })
        }
        position = braces.end
    }

    private mutating func expression() {
        let origin = location(position + 2)
        do throws(ExpressionError) {
            let end = try TemplateScanner.endOfHole(bytes, from: position + 2, origin)
            let source = (position + 2)..<end
            position = end + 1
            let expression = try Expression(bytes, in: source, origin: origin)
            check(expression)
            used.formUnion(expression.names.intersection(names))
            add(.expression(expression.source))
        } catch {
            problems.append(error)
            // Without a closing brace the scan goes on behind the opening one.
            if position < origin.offset { position = origin.offset }
        }
    }

    private mutating func check(_ expression: Expression) {
        let secret = Words("secrets never stand in a prompt", "segredos nunca ficam em um prompt")
        for problem in expression.problems(allowing: names) {
            let isSecret = expression.paths.contains { $0.root == "secret" && $0.location == problem.location }
            problems.append(isSecret ? ExpressionError(.unknownName, secret, at: problem.location) : problem)
        }
        for problem in checker.check(expression).problems where problem.code != .unknownName {
            let hint = problem.hint.map { Words(" (", " (") + $0 + Words(")", ")") } ?? .none
            problems.append(ExpressionError(problem.code, problem.message + hint, at: problem.location))
        }
    }
}

/// Maths in Markdown, by the rules of Pandoc's `tex_math_dollars`, but stricter where a price or a variable could be taken for it.
enum PromptMaths {
    private static let dollar = UInt8(ascii: "$")
    private static let backslash = UInt8(ascii: "\\")

    /// Behind the closing dollar of `$…$`: on the same line, no blank inside either dollar, and no letter, digit, brace
    /// or amount (`R$ 10`) behind the closing one.
    static func endOfInline(_ bytes: [UInt8], from start: Int) -> Int? {
        guard start + 1 < bytes.count, !isBlank(bytes[start + 1]) else { return nil }
        var index = start + 1
        while index < bytes.count, bytes[index] != 10 {
            if bytes[index] == backslash {
                index += 2
            } else if bytes[index] == dollar {
                return closes(bytes, at: index) && index > start + 1 ? index + 1 : nil
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Whether nobody would take it for prose: a single name, or signs of a formula.
    static func isPlain(_ content: ArraySlice<UInt8>) -> Bool {
        content.allSatisfy(ExpressionLexer.isNamePart) || content.contains { "\\^=+*<>{}|".utf8.contains($0) }
    }

    private static func closes(_ bytes: [UInt8], at index: Int) -> Bool {
        if isBlank(bytes[index - 1]) { return false }
        let behind = bytes[(index + 1)...]
        if let next = behind.first, ExpressionLexer.isNamePart(next) || next == UInt8(ascii: "{") || next == dollar { return false }
        let amount = behind.drop { $0 == 32 }.first
        return !(amount.map(ExpressionLexer.isDigit) ?? false)
    }

    /// Whether a dollar sign is a currency's whose amount is a variable: `R$ $limit`.
    static func isCurrency(_ bytes: [UInt8], dollar index: Int) -> Bool {
        guard bytes[(index + 1)...].drop(while: { $0 == 32 }).first == dollar else { return false }
        let letters = bytes[..<index].reversed().prefix { (65...90).contains($0) }
        return (1...2).contains(letters.count)
            && bytes[..<index].dropLast(letters.count).last.map { !ExpressionLexer.isNamePart($0) } ?? true
    }

    /// Behind the closing `$$`, in the same paragraph, with something between.
    static func endOfDisplay(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start + 2
        while index + 1 < bytes.count {
            if bytes[index] == 10, MarkdownCode.isBlankLine(bytes, from: index + 1) { return nil }
            if bytes[index] == dollar, bytes[index + 1] == dollar { return index > start + 2 ? index + 2 : nil }
            index += bytes[index] == backslash ? 2 : 1
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
}

/// Code in Markdown (CommonMark 0.31 §4.5, §6.1).
enum MarkdownCode {
    /// Behind the fence that begins on the line of this byte; an open fence reaches to the end.
    static func endOfFence(_ bytes: [UInt8], from lineStart: Int) -> Int? {
        guard let opening = fence(bytes, from: lineStart) else { return nil }
        var line = nextLine(bytes, after: lineStart)
        while line < bytes.count {
            if let closing = fence(bytes, from: line), closing.mark == opening.mark, closing.length >= opening.length, !closing.hasInfo {
                return nextLine(bytes, after: line)
            }
            line = nextLine(bytes, after: line)
        }
        return bytes.count
    }

    /// Three or more backticks or tildes, behind blanks and marks of quotes and lists.
    private static func fence(_ bytes: [UInt8], from lineStart: Int) -> (mark: UInt8, length: Int, hasInfo: Bool)? {
        let end = lineEnd(bytes, from: lineStart)
        let line = bytes[lineStart..<end].drop { [32, 9, UInt8(ascii: ">")].contains($0) }
        let content = line.first == UInt8(ascii: "-") || line.first == UInt8(ascii: "*") ? line.dropFirst().drop { $0 == 32 } : line
        guard let mark = content.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = content.prefix { $0 == mark }.count
        let info = content.dropFirst(length).drop { [32, 9, 13].contains($0) }
        guard length >= 3, mark == UInt8(ascii: "~") || !info.contains(mark) else { return nil }
        return (mark, length, !info.isEmpty)
    }

    /// Behind a code span, or behind its backticks when nothing closes them in the paragraph.
    static func endOfSpan(_ bytes: [UInt8], from start: Int) -> Int {
        let opening = run(bytes, from: start)
        var index = opening
        while index < bytes.count {
            if bytes[index] == 10, isBlankLine(bytes, from: index + 1) { break }
            guard bytes[index] == UInt8(ascii: "`") else {
                index += 1
                continue
            }
            let end = run(bytes, from: index)
            if end - index == opening - start { return end }
            index = end
        }
        return opening
    }

    private static func run(_ bytes: [UInt8], from start: Int) -> Int {
        start + bytes[start...].prefix { $0 == UInt8(ascii: "`") }.count
    }

    static func isBlankLine(_ bytes: [UInt8], from start: Int) -> Bool {
        guard start < bytes.count else { return true }
        return bytes[start..<lineEnd(bytes, from: start)].allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 }
    }

    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex(of: 10) ?? bytes.count
    }

    private static func nextLine(_ bytes: [UInt8], after start: Int) -> Int { min(bytes.count, lineEnd(bytes, from: start) + 1) }
}
