import BatutaCore
import Testing

@testable import BatutaTools

@Suite struct ToolClausesTests {
    @Test func `S2.103 what is missing of a tag that a write makes stale stands for anything`() throws {
        let tags = ["orders", "order:${params.id}", "of:${params.deep.name}:x", "n:${params.n}"]
        let clauses = try ToolClauses(.init(invalidates: tags), clock: ManualClock(), revision: 0)
        #expect(clauses.staleTags(after: .test("write", ["n": 7])) == ["orders", "order:*", "of:*:x", "n:7"])
        #expect(clauses.staleTags(after: .test("write", ["id": "a", "n": .null])) == ["orders", "order:a", "of:*:x", "n:*"])
    }
}
