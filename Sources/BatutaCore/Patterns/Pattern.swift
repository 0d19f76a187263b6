import CRE2

/// A regular expression of a user or a model: RE2's syntax, time linear in the text, no backtracking, bounded memory.
///
/// Named groups may be written `(?<name>…)`; `\uXXXX` is taken as in JSON Schema. Matching is safe from any thread.
/// Texts over a few kilobytes belong on the cooperative pool (DESIGN §9.12).
public final class Pattern: Sendable {
    /// Bytes of a pattern's text.
    public static let longestPattern = 10_000
    /// Bytes of a compiled pattern with its automata; RE2's own default.
    private static let memory: Int64 = 8 << 20

    /// The pattern as it was given.
    public let source: String
    /// Names of the groups, `nil` for those without; the first is group 1.
    public let groupNames: [String?]
    // SAFETY: RE2 objects are immutable to their callers and may be matched from several threads at once (re2.h); freed in deinit only.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// - Throws: `PatternError` with RE2's message.
    public init(_ source: String) throws(PatternError) {
        guard source.utf8.count <= Self.longestPattern else {
            throw PatternError(
                .tooLong,
                Words(
                    "the pattern is longer than \(Self.longestPattern) bytes",
                    "a expressão regular passa de \(Self.longestPattern) bytes"
                )
            )
        }
        var text = PatternSyntax.forRE2(source)
        let made = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { batuta_pattern_make($0.baseAddress, $0.count, Self.memory) }
        }
        guard let made else {
            throw PatternError(.tooLarge, Words("no memory left to compile the pattern", "falta memória para compilar a expressão regular"))
        }
        if let message = batuta_pattern_error(made) {
            let error = Self.error(String(cString: message), about: batuta_pattern_error_argument(made).map { String(cString: $0) })
            batuta_pattern_free(made)
            throw error
        }
        let names = (0..<batuta_pattern_groups(made)).map { batuta_pattern_group_name(made, $0 + 1).map { String(cString: $0) } }
        let given = names.compactMap(\.self)
        guard Set(given).count == given.count else {
            batuta_pattern_free(made)
            throw PatternError(
                .invalid,
                Words(
                    "the pattern is not usable: two groups have the same name",
                    "a expressão regular não serve: dois grupos têm o mesmo nome"
                )
            )
        }
        self.source = source
        compiled = made
        groupNames = names
    }

    deinit { batuta_pattern_free(compiled) }

    /// Whether the pattern occurs anywhere in the text.
    public func matches(_ text: String) -> Bool { search(text, whole: false) }

    /// Whether the pattern describes the whole text.
    public func fullyMatches(_ text: String) -> Bool { search(text, whole: true) }

    /// The leftmost occurrence with its groups.
    public func firstMatch(in text: String) -> Match? { match(text, from: 0, whole: false) }

    /// The whole text with its groups, when the pattern describes all of it.
    public func wholeMatch(in text: String) -> Match? { match(text, from: 0, whole: true) }

    /// Occurrences from left to right that do not overlap, at most `limit`.
    public func matches(in text: String, limit: Int = 1_000) -> [Match] {
        var found: [Match] = []
        var start = 0
        while found.count < limit, let next = match(text, from: start, whole: false) {
            found.append(next)
            start = next.utf8Range.isEmpty ? Self.nextCharacter(in: text, after: next.utf8Range.upperBound) : next.utf8Range.upperBound
            guard start <= text.utf8.count else { break }
        }
        return found
    }

    /// After an empty occurrence the search goes on behind the next character, not within it.
    private static func nextCharacter(in text: String, after position: Int) -> Int {
        position + 1 + text.utf8.dropFirst(position + 1).prefix { $0 & 0xC0 == 0x80 }.count
    }

    private static func error(_ message: String, about argument: String?) -> PatternError {
        let part = argument.flatMap { $0.isEmpty ? nil : Words(" at `\($0)`", " em `\($0)`") } ?? .none
        let large = message.contains("too large") || message.contains("too big")
        let hint =
            message.contains("invalid perl operator")
            ? Words(
                "; look-around, atomic and conditional groups are not supported",
                "; lookaround e grupos atômicos ou condicionais não são aceitos"
            ) : .none
        let opening = Words("the pattern is not usable", "a expressão regular não serve")
        return PatternError(large ? .tooLarge : .invalid, opening + part + Words(": ", ": ") + PatternWords.words(message) + hint)
    }

    private func search(_ text: String, whole: Bool) -> Bool {
        var copy = text
        return copy.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { batuta_pattern_match(compiled, $0.baseAddress, $0.count, 0, whole, nil, 0) }
        }
    }

    private func match(_ text: String, from start: Int, whole: Bool) -> Match? {
        var groups = [batuta_pattern_group](repeating: batuta_pattern_group(start: -1, length: 0), count: groupNames.count + 1)
        var copy = text
        return copy.withUTF8 { utf8 in
            let found = utf8.withMemoryRebound(to: CChar.self) {
                batuta_pattern_match(compiled, $0.baseAddress, $0.count, start, whole, &groups, Int32(groups.count))
            }
            guard found else { return nil }
            let ranges = groups.map { $0.start < 0 ? nil : $0.start..<($0.start + $0.length) }
            return Match(names: groupNames, ranges: ranges, text: utf8)
        }
    }
}

extension Pattern {
    /// An occurrence of a pattern.
    public struct Match: Sendable {
        /// The text of each group, the whole occurrence first; nil for a group that took no part.
        public let groups: [String?]
        /// Where the occurrence stands in the text, in UTF-8 bytes.
        public let utf8Range: Range<Int>
        private let names: [String?]

        init(names: [String?], ranges: [Range<Int>?], text: UnsafeBufferPointer<UInt8>) {
            self.names = names
            groups = ranges.map { $0.map { String(decoding: text[$0], as: UTF8.self) } }
            utf8Range = ranges.first.flatMap { $0 } ?? 0..<0
        }

        /// The whole occurrence.
        public var text: String { self[0] ?? "" }

        /// A group by its number; 0 is the whole occurrence.
        public subscript(group: Int) -> String? { groups.indices.contains(group) ? groups[group] : nil }

        /// A group by its name.
        public subscript(name: String) -> String? { names.firstIndex(of: name).flatMap { self[$0 + 1] } }

        /// The named groups that took part.
        public var named: [String: String] {
            var result: [String: String] = [:]
            for (index, name) in names.enumerated() {
                if let name, let text = self[index + 1] { result[name] = text }
            }
            return result
        }
    }
}
