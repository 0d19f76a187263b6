import BatutaCore
import Testing

@testable import BatutaRuns

@Suite struct MessageTreeTests {
    private func id(_ name: String) -> MessageID { MessageID(trusted: name) }
    private func run(_ name: String) -> RunID { RunID(trusted: name) }

    /// `parent>child`, in the order of commits; a name that begins with `u` is a user's message, of the run of the same name.
    private func tree(_ edges: String) -> MessageTree {
        MessageTree(
            edges.split(separator: " ").map { edge in
                let names = edge.split(separator: ">").map(String.init)
                let name = names[names.count - 1]
                return MessageTree.Node(
                    id: id(name),
                    parent: names.count == 2 ? id(names[0]) : nil,
                    role: name.hasPrefix("u") ? .user : .assistant,
                    runID: run(name)
                )
            }
        )
    }

    @Test(arguments: [
        ("u1 u1>a1 a1>u2 u2>a2", "u1", "a2"), ("u1 u1>a1 a1>u2 u2>a2", "a2", "a2"),
        // Edited at the start, then gone on with on the old branch: the newest end counts, not the newest fork.
        ("u1 u1>a1 u1b u1b>a1b a1>u2 u2>a2", "u1", "a2"), ("u1 u1>a1 u1b u1b>a1b a1>u2 u2>a2", "u1b", "a1b"),
        ("u1 u1>a1 a1>u2 a1>u2b u2b>a2b u2>a2", "a1", "a2"), ("u1 u1>a1 a1>u2 a1>u2b u2b>a2b u2>a2", "u2b", "a2b"),
    ])
    func `switching goes to the end of the newest branch through a message`(_ edges: String, _ message: String, _ end: String) {
        #expect(tree(edges).end(through: id(message)) == id(end))
    }

    @Test func `a message that is not there has no end`() { #expect(tree("u1").end(through: id("u9")) == nil) }

    @Test(arguments: [("u1", ["u1", "u2", "u2b"]), ("u2", ["u2"]), ("a1", ["u2", "u2b"]), ("u9", [])])
    func `an edit stops what came of the message`(_ message: String, _ runs: [String]) {
        #expect(tree("u1 u1>a1 a1>u2 a1>u2b u2b>a2b").runs(from: id(message)) == Set(runs.map(run)))
    }

    @Test(arguments: [
        // place, leaf, elsewhere before, changes
        ("a1", "u2", "", "u2=u2"), ("a1", "u2", "u2=u2", ""), ("u2", "u2b", "u2=u2", "u2=nil"), ("", "u2", "", "u1=u2 u2=u2"),
        ("u2b", "u2", "", "u2=u2"),
    ])
    func `runs follow the conversation while it leads past their message, else they stay on their branch`(
        _ place: String,
        _ leaf: String,
        _ before: String,
        _ changes: String
    ) {
        let known = Dictionary(pairs(before).map { (run($0.0), id($0.1)) }) { first, _ in first }
        let found = tree("u1 u1>a1 a1>u2 a1>u2b").ends(
            movingTo: place.isEmpty ? nil : id(place),
            from: id(leaf),
            of: [run("u1"), run("u2")],
            now: known
        )
        let expected = pairs(changes).map { (run($0.0), $0.1 == "nil" ? nil : id($0.1)) }
        #expect(found == Dictionary(expected) { first, _ in first })
    }

    private func pairs(_ text: String) -> [(String, String)] {
        text.split(separator: " ").map { pair in
            let parts = pair.split(separator: "=").map(String.init)
            return (parts[0], parts[1])
        }
    }

    @Test func `runs of one branch go on together, and leave the leaf alone`() {
        var ends = BranchEnds(leaf: id("u3"))
        ends.elsewhere = [run("r1"): id("u2"), run("r2"): id("u2"), run("r3"): id("x")]
        let parent = ends.add(NewMessage(id: id("a1"), runID: run("r1"), role: .assistant, content: ""))
        #expect(parent == id("u2"))
        #expect(ends.leaf == id("u3"))
        #expect(ends.elsewhere == [run("r1"): id("a1"), run("r2"): id("a1"), run("r3"): id("x")])
        let own = ends.add(NewMessage(id: id("a3"), runID: run("r4"), role: .assistant, content: ""))
        #expect(own == id("u3") && ends.leaf == id("a3"))
        let begun = ends.add(NewMessage(id: id("u9"), runID: run("r9"), role: .user, content: "", place: .after(nil)))
        #expect(begun == nil && ends.leaf == id("u9"))
    }
}
