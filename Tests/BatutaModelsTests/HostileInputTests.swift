import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct HostileInputTests {
    /// Flips, drops, doubles or inserts a few bytes.
    private func mutated(_ bytes: [UInt8], _ random: SeededRandom) -> [UInt8] {
        var bytes = bytes
        let telling = Array("{}[]\":,\\u\n\rd0-8f".utf8) + [0, 0xFF, 0xF0, 0x9F, 0x80]
        for _ in 0..<(random.next() % 6 + 1) where !bytes.isEmpty {
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 4 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: place)
            default: bytes.insert(telling[Int(random.next() % UInt64(telling.count))], at: place)
            }
        }
        return bytes
    }

    @Test(arguments: RecordedExchange.all) func `a damaged stream gives an answer or an error, and the deltas are the answer`(
        _ exchange: RecordedExchange
    ) {
        let random = SeededRandom(seed: 11)
        for _ in 0..<400 {
            let bytes = mutated(Array(exchange.stream.utf8), random)
            let cut = Int(random.next() % UInt64(bytes.count + 1))
            let reading = StreamReading([Array(bytes[..<cut]), Array(bytes[cut...])], kind: exchange.kind)
            if let answer = reading.answer {
                #expect(Array(answer.text.utf8) == Array(reading.text.utf8))
            } else {
                #expect(reading.error?.code != .cancelled && reading.error?.code != nil)
            }
        }
    }

    @Test func `failures, dates and patterns survive rubbish`() {
        let random = SeededRandom(seed: 12)
        let alphabet = Array("()[]{}?*+|\\<>PD:. abc0-9^$é\"{}error message".unicodeScalars)
        for _ in 0..<2_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<(random.next() % 40) { text.append(alphabet[Int(random.next() % UInt64(alphabet.count))]) }
            let rubbish = String(text)
            _ = PatternExample.text(of: rubbish)
            _ = RetryAfter.read(seconds: rubbish, milliseconds: rubbish, date: rubbish)
            _ = ChatDialect(baseURL: rubbish)
            let status = Int(random.next() % 700)
            #expect(
                !ProviderFailure(provider: "p", key: "k").error(status: status, body: Array(rubbish.utf8), retryAfter: nil).message.isEmpty
            )
        }
    }

    @Test func `half characters are joined to what they were, wherever they are cut`() throws {
        let random = SeededRandom(seed: 13)
        let text = "a😀é👩‍👩‍👧‍👦z\u{10FFFF}漢字🇧🇷"
        let units = Array(text.utf16)
        for _ in 0..<200 {
            var stream = ""
            var start = 0
            while start < units.count {
                let end = min(units.count, start + Int(random.next() % 4) + 1)
                let escaped = units[start..<end].map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
                stream += "data: {\"choices\":[{\"delta\":{\"content\":\"\(escaped)\"}}]}\n\n"
                start = end
            }
            stream += "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
            #expect(try StreamReading([Array(stream.utf8)]).outcome.get().text == text)
        }
    }
}
