import Foundation

/// A Swift file of the package, as far as the architecture cares.
struct SourceFile: Sendable {
    let path: String
    let target: String
    let name: String
    let imports: [String]
    let publicImports: [String]
    /// Whether it asks a provider of models.
    let asksModels: Bool
}

enum Sources {
    static func swiftFiles() -> [SourceFile] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("Sources")
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.compactMap { read($0, below: folder) }
    }

    private static func read(_ url: URL, below folder: URL) -> SourceFile? {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        let path = String(url.path.dropFirst(folder.path.count + 1))
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return SourceFile(
            path: path,
            target: String(path.prefix { $0 != "/" }),
            name: url.deletingPathExtension().lastPathComponent,
            imports: lines.compactMap(module),
            publicImports: lines.filter { $0.hasPrefix("public import ") || $0.hasPrefix("@_exported import ") }.compactMap(module),
            asksModels: lines.contains { line in
                ["rovider.answer(", ".embeddings(of:"].contains { line.contains($0) } && !line.hasPrefix("//")
            }
        )
    }

    private static func module(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let keyword = words.firstIndex(of: "import"), keyword <= 2, !line.hasPrefix("//"), words.count > keyword + 1 else {
            return nil
        }
        return words.dropFirst(keyword + 1).first { !["struct", "class", "func", "enum", "protocol"].contains($0) }.map {
            String($0.prefix { $0 != "." })
        }
    }
}
