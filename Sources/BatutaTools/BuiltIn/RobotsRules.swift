/// A site's robots.txt as far as it speaks to one product (RFC 9309).
struct RobotsRules: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        var allows: Bool
        var pattern: [UInt8]
    }

    private var rules: [Rule] = []

    static let allowAll = RobotsRules()
    static let denyAll = RobotsRules(rules: [Rule(allows: false, pattern: Array("/".utf8))])

    private init(rules: [Rule] = []) { self.rules = rules }

    /// The groups that name the product, else those for `*`; bytes beyond 500 KiB are not read (§2.5).
    init(parsing bytes: some Sequence<UInt8>, product: String) {
        var named: [Rule]?
        var general: [Rule] = []
        var agents: [String] = []
        var inRules = false
        for (field, value) in Self.lines(Array(bytes.prefix(512_000))) {
            if field == "user-agent" {
                if inRules { agents = [] }
                inRules = false
                agents.append(value.lowercased())
                if value.lowercased() == product { named = named ?? [] }
            } else if field == "allow" || field == "disallow" {
                inRules = true
                guard !value.isEmpty else { continue }
                let rule = Rule(allows: field == "allow", pattern: Array(value.utf8))
                if agents.contains(product) { named?.append(rule) }
                if agents.contains("*") { general.append(rule) }
            }
        }
        rules = named ?? general
    }

    /// The longest pattern that matches decides; of two equal ones the one that allows (§2.2.2).
    func allows(_ target: String) -> Bool {
        let path = Array(target.utf8)
        if target == "/robots.txt" { return true }
        let best = rules.filter { Self.matches($0.pattern[...], path[...]) }.max { left, right in
            (left.pattern.count, left.allows ? 1 : 0) < (right.pattern.count, right.allows ? 1 : 0)
        }
        return best?.allows ?? true
    }

    private static func lines(_ bytes: [UInt8]) -> [(String, String)] {
        bytes.split { $0 == 10 || $0 == 13 }.prefix(20_000).compactMap { line in
            let text = String(decoding: line.prefix { $0 != 35 }.prefix(2_048), as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { return nil }
            return (trimmed(text[..<colon]).lowercased(), trimmed(text[text.index(after: colon)...]))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true || text.first == "\u{FEFF}" { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// `*` is any run of bytes, a final `$` the end; greedy with one point of return, so linear in practice and never exponential.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        let anchored = pattern.last == 36
        let pattern = anchored ? pattern.dropLast() : pattern
        var at = pattern.startIndex
        var position = path.startIndex
        var back: (pattern: Int, path: Int)?
        while true {
            if at == pattern.endIndex, !anchored || position == path.endIndex { return true }
            if at < pattern.endIndex, pattern[at] == 42 {
                back = (at + 1, position)
                at += 1
            } else if at < pattern.endIndex, position < path.endIndex, pattern[at] == path[position] {
                at += 1
                position += 1
            } else if let point = back, point.path < path.endIndex {
                back = (point.pattern, point.path + 1)
                at = point.pattern
                position = point.path + 1
            } else {
                return false
            }
        }
    }
}
