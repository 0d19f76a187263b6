import BatutaAgents
import Testing

@Suite struct LineDiffTests {
    @Test(arguments: [
        ("", "", ""), ("a\n", "a\n", " a"), ("a\nb\nc\n", "a\nx\nc\n", " a-b+x c"), ("", "a\nb", "+a+b"), ("a\nb", "", "-a-b"),
        ("a\na\na", "a\na", " a a-a"), ("a\nb", "b\na", "-a b+a"), ("a\n\nb", "a\nb", " a- b"),
    ])
    func `a diff tells each line once, in order`(_ old: String, _ new: String, _ told: String) {
        let diff = LineDiff(from: old, to: new)
        let text = diff.lines.map { line in
            switch line {
            case .same(let text): " " + text
            case .added(let text): "+" + text
            case .removed(let text): "-" + text
            }
        }.joined()
        #expect(text == told)
        #expect(diff.added == told.count { $0 == "+" } && diff.removed == told.count { $0 == "-" })
    }

    @Test func `a change in the middle of a long text is told as one`() {
        var lines = (0..<20_000).map { "line \($0)" }
        let old = lines.joined(separator: "\n")
        lines[9_000] = "another"
        lines.remove(at: 9_100)
        let diff = LineDiff(from: old, to: lines.joined(separator: "\n"))
        #expect(diff.added == 1 && diff.removed == 2 && diff.lines.count == 20_001)
    }

    @Test func `long texts come out whole, whatever changed`() {
        let old = (0..<3_000).map { "line \($0)" }.joined(separator: "\n"), new = (0..<3_000).map { "row \($0)" }.joined(separator: "\n")
        let diff = LineDiff(from: old, to: new)
        #expect(diff.added == 3_000 && diff.removed == 3_000)
        #expect(LineDiff(from: old, to: old).added == 0)
    }
}
