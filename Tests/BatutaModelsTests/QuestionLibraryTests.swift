import BatutaCore
import Testing

@testable import BatutaModels

/// How many shelves of questions a node keeps in memory.
@Suite struct QuestionLibraryTests {
    private static func group(_ number: Int) throws -> ResponseCacheKey {
        let settings = ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini")
        let request = ModelRequest(settings: settings, agent: "clerk", system: "\(number)", turns: [.user("x")], tools: [])
        return try #require(ResponseCacheKey(request, in: ResponseCacheKey.Scope(user: "usr_1", place: "openai http://a", effects: "")))
    }

    @Test func `shelves without a question take room, too: the least recently used go`() throws {
        var library = QuestionLibrary()
        let now = Timestamp(milliseconds: 1_000_000)
        for number in 0..<(QuestionLibrary.most + 10) { library.put([], in: try Self.group(number), width: 8, at: now) }
        #expect(library.count == QuestionLibrary.most)
        #expect(library.unread(try Self.group(0), isShared: false, at: now) != nil)
        #expect(library.unread(try Self.group(QuestionLibrary.most + 9), isShared: false, at: now) == nil)
    }
}
