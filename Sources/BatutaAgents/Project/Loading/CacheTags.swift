import BatutaCore

/// The tags of kept results that a project's files name: those under which `cache` keeps them, and those that `invalidates` makes stale.
struct CacheTags {
    private struct Stale {
        var tag: String
        var path: String
        var line: Int
    }

    private var kept: [String] = []
    private var stale: [Stale] = []

    mutating func keep(_ tags: [String]) { kept += tags }

    mutating func makeStale(_ tags: [Located<String>], path: String) {
        stale += tags.map { Stale(tag: $0.value, path: path, line: $0.line) }
    }

    mutating func add(_ other: CacheTags) {
        kept += other.kept
        stale += other.stale
    }

    /// Tags that make nothing stale, because no result is kept under them.
    var idle: [ProjectProblem] {
        stale.filter { stale in !kept.contains { Self.mayMeet(stale.tag, $0) } }.map { stale in
            ProjectProblem(
                path: stale.path,
                line: stale.line,
                message: Words(
                    "no tool keeps results under the tag `\(stale.tag)`, so nothing becomes stale",
                    "nenhuma ferramenta guarda resultados com a etiqueta `\(stale.tag)`; nada fica velho"
                ),
                hint: Self.near(stale.tag, among: kept) ?? Self.writeTag,
                severity: .warning
            )
        }
    }

    private static func near(_ tag: String, among kept: [String]) -> Words? {
        guard let near = nearestNames(to: tag, among: Set(kept).sorted(), limit: 1).first else { return nil }
        return Words("did you mean `\(near)`?", "você quis dizer `\(near)`?")
    }

    private static let writeTag = Words(
        "write it under the `cache: { tags: […] }` of the tool whose results change, or remove it",
        "escreva-a em `cache: { tags: […] }` da ferramenta cujos resultados mudam, ou remova-a"
    )

    /// Whether two tags can be the same one: of a tag with a value, or with `*` for anything, only what stands before that is known.
    private static func mayMeet(_ one: String, _ other: String) -> Bool {
        let (first, second) = (fixedPart(one), fixedPart(other))
        return switch (first.isWhole, second.isWhole) {
        case (true, true): first.text == second.text
        case (true, false): first.text.hasPrefix(second.text)
        case (false, true): second.text.hasPrefix(first.text)
        case (false, false): first.text.hasPrefix(second.text) || second.text.hasPrefix(first.text)
        }
    }

    private static func fixedPart(_ tag: String) -> (text: Substring, isWhole: Bool) {
        let holes = [tag.firstRange(of: "${")?.lowerBound, tag.firstIndex(of: "*")].compactMap(\.self)
        return holes.min().map { (tag[..<$0], false) } ?? (tag[...], true)
    }
}

extension ProjectLinker {
    /// Whatever could not be read may keep results under any tag.
    mutating func checkCacheTags() {
        guard brokenNames.isEmpty, !hasBrokenPython, !parsed.hasUnread(under: "mcp", read: file.toolServers.count) else { return }
        problems += cacheTags.idle
    }
}
