import Testing

@testable import BatutaTelemetry

/// Finding many texts, against looking for each.
@Suite struct SecretTextsTests {
    private func found(_ texts: SecretTexts, in text: String) -> [Int] {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in bytes.indices.compactMap { texts.match(buffer, at: $0) } }
    }

    @Test func `the longest wins, whatever came first, and what is taken away is found no more`() {
        var texts = SecretTexts()
        for text in ["abcdef", "abcdefgh", "abcdefg", "zyxwvu", "short"] { texts.insert(Array(text.utf8)) }
        #expect(found(texts, in: "--abcdefghi-zyxwvu-short") == [8, 6])
        texts.remove(Array("abcdefgh".utf8))
        texts.remove(Array("zyxwvu".utf8))
        texts.remove(Array("never-there".utf8))
        texts.tidy()
        #expect(found(texts, in: "--abcdefghi-zyxwvu") == [7])
        #expect(found(texts, in: "abcde").isEmpty && found(texts, in: "").isEmpty)
    }

    @Test func `hundreds of texts that begin alike are each found, and nothing else`() {
        var texts = SecretTexts()
        let all = (0..<600).map { "eyJhbGciOiJSUzI1NiJ9.\($0).sig\($0)é" }
        for text in all { texts.insert(Array(text.utf8)) }
        for text in [all[0], all[123], all[599]] { #expect(found(texts, in: "x \(text) y").first == text.utf8.count) }
        #expect(found(texts, in: "eyJhbGciOiJSUzI1NiJ9.600.sig600é").isEmpty)
        for text in all { texts.remove(Array(text.utf8)) }
        texts.tidy()
        #expect(texts.isEmpty)
    }
}
