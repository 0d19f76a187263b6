import BatutaCore

/// Finds what was meant as `${ … }` and is written as other systems write it: `$id`, `{id}`, `{{id}}`. It would be told or sent as it stands.
struct TemplateSlips {
    /// Members of these are what people mean by a bare name.
    private static let roots = ["params", "profile", "facts"]

    /// What a name stands for: `id` → `params.id`.
    private var meanings: [String: String] = [:]
    /// Names that may stand in front of a member: `{params.id}`.
    private let names: Set<String>

    struct Slip {
        var written: String
        var meant: String
        /// Lines of the text before it.
        var line: Int
    }

    /// - Parameters:
    ///   - names: those that expressions may use here.
    ///   - types: what is known of them.
    init(names: Set<String>, types: [String: ExpressionType]) {
        self.names = names
        for root in Self.roots.reversed() where names.contains(root) {
            guard case .object(let members) = types[root] else { continue }
            for name in members.types.keys { meanings[name] = "\(root).\(name)" }
        }
    }

    /// Dollar signs that are written twice are meant as such, and what stands in `${ … }` is an expression.
    func find(in text: String) -> [Slip] {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "{") }) else { return [] }
        var slips: [Slip] = []
        var rest = text[...], line = 0
        while let first = rest.first {
            if first == "\n" { line += 1 }
            if rest.hasPrefix("$$") {
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("${") {
                rest = rest.drop { $0 != "}" && $0 != "\n" }
            } else if let slip = slip(at: rest) {
                slips.append(Slip(written: String(slip.written), meant: slip.meant, line: line))
                rest = rest[slip.written.endIndex...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return slips
    }

    private func slip(at text: Substring) -> (written: Substring, meant: String)? {
        guard let first = text.first, first == "$" || first == "{" else { return nil }
        let opening = text.prefix(first == "$" ? 1 : text.hasPrefix("{{") ? 2 : 1)
        let start = text[opening.endIndex...].drop { first == "{" && $0 == " " }
        let path = start.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        guard let meant = meaning(of: path.last == "." ? path.dropLast() : path) else { return nil }
        guard first == "{" else { return (text[..<(path.last == "." ? path.dropLast() : path).endIndex], meant) }
        let closing = text[path.endIndex...].drop { $0 == " " }
        let wanted = String(repeating: "}", count: opening.count)
        return closing.hasPrefix(wanted) ? (text[..<closing.index(closing.startIndex, offsetBy: wanted.count)], meant) : nil
    }

    private func meaning(of path: Substring) -> String? {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard let name = parts.first else { return nil }
        if parts.count > 1, names.contains(name) { return String(path) }
        return meanings[name].map { parts.count > 1 ? "\($0).\(parts[1])" : $0 }
    }
}
