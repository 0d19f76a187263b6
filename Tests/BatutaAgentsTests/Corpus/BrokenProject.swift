import Glibc
import Testing

/// A project of the corpus: a whole one with a mistake in it, and what is to be said about that.
///
/// A case is one file. `! batuta.yaml:2: English | português` is a problem with a part of its words, `- path` takes a file of the base away,
/// `=~ path` replaces a text (`OLD`, `=>`, `NEW`) in a file of the base, `=== path` brings a file.
struct BrokenProject: Sendable, CustomTestStringConvertible {
    struct Expected: Sendable, Hashable {
        /// `batuta.yaml:2:`
        var place: String
        var english: String
        var portuguese: String
    }

    var name: String
    var expected: [Expected] = []
    var files: [String: String]
    var testDescription: String { name }

    static let folder = String(#filePath.dropLast("/BrokenProject.swift".utf8.count))

    static let base = BrokenProject(name: "base", text: read("\(folder)/base.txt"), base: [:])

    /// Every key of the language.
    static let whole = BrokenProject(name: "whole", text: read("\(folder)/whole.txt"), base: [:])

    static let all: [BrokenProject] = names(in: "\(folder)/cases").filter { $0.hasSuffix(".txt") }.sorted().map { file in
        BrokenProject(name: String(file.dropLast(4)), text: read("\(folder)/cases/\(file)"), base: base.files)
    }

    private init(name: String, text: String, base: [String: String]) {
        self.name = name
        files = base
        var parts = CaseParts(text)
        while let part = parts.next() {
            switch part {
            case .expected(let expected): self.expected.append(expected)
            case .without(let path): files[path] = nil
            case .file(let path, let text): files[path] = text
            case .change(let path, let old, let new):
                let before = files[path] ?? ""
                // A change that changes nothing is a mistake of the corpus: the test then finds no problem.
                files[path] = before.replacing(old, with: new, maxReplacements: 1)
            }
        }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}

/// Takes the text of a case apart.
private struct CaseParts {
    enum Part {
        case expected(BrokenProject.Expected)
        case without(String)
        case file(String, String)
        case change(String, old: String, new: String)
    }

    private var lines: ArraySlice<Substring>

    init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0) }

    mutating func next() -> Part? {
        guard let line = lines.popFirst() else { return nil }
        if line.hasPrefix("! ") { return .expected(Self.expected(line.dropFirst(2))) }
        if line.hasPrefix("- ") { return .without(String(line.dropFirst(2))) }
        if line.hasPrefix("=== ") { return .file(String(line.dropFirst(4)), block()) }
        if line.hasPrefix("=~ ") {
            let sides = block().split(separator: "\n=>\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else { return .change(String(line.dropFirst(3)), old: sides[0].replacing("\n=>", with: ""), new: "") }
            return .change(String(line.dropFirst(3)), old: sides[0], new: sides[1])
        }
        return next()
    }

    /// Lines up to the next part.
    private mutating func block() -> String {
        let rest = lines.prefix { !$0.hasPrefix("=== ") && !$0.hasPrefix("=~ ") }
        lines = lines.dropFirst(rest.count)
        return rest.joined(separator: "\n")
    }

    private static func expected(_ text: Substring) -> BrokenProject.Expected {
        let words = text.split(separator: " | ", maxSplits: 1).map(String.init)
        let parts = (words.first ?? "").split(separator: ": ", maxSplits: 1).map(String.init)
        return BrokenProject.Expected(
            place: (parts.first ?? "") + ":",
            english: parts.count > 1 ? parts[1] : "",
            portuguese: words.count > 1 ? words[1] : ""
        )
    }
}
