import BatutaAgents
import BatutaCore
import Foundation
import Testing

/// What docs/guides/tools.md shows can be copied into a project.
@Suite struct ToolsGuideTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Blocks whose first line names their file; those of one file are put together.
    private static func snippets() throws -> [String: String] {
        let text = try String(contentsOf: root.appendingPathComponent("docs/guides/tools.md"), encoding: .utf8)
        var files: [String: String] = [:]
        for (number, block) in text.components(separatedBy: "```").enumerated() where number % 2 == 1 {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            guard let title = lines.first, let path = title.split(separator: " ").first(where: { $0.contains(".") }) else { continue }
            files[String(path), default: ""] += lines.dropFirst().joined(separator: "\n") + "\n"
        }
        return files
    }

    @Test func `its snippets are a project that passes the check`() throws {
        var files = try Self.snippets()
        #expect(
            files.keys.sorted() == [
                "batuta.yaml", "skills/reports/SKILL.md", "tools/cancel_order.yaml", "tools/get_order.yaml", "tools/my_patients.yaml",
            ]
        )
        files["batuta.yaml", default: ""] += "name: shop\nmodels: { default: { provider: openai, model: x } }\n"
        files["skills/reports/forms/monthly.md"] = "A form."
        files["agents/a.md"] = "---\ntools: [get_order, cancel_order, my_patients]\nskills: [reports]\n---\nHi."
        let load = Project.load(files: files.mapValues { Array($0.utf8) })
        #expect(load.problems.isEmpty, "\(load.problems.map { $0.text(.english) })")
        #expect(load.project?.sqlTools.count == 1)
    }
}
