import BatutaCore

/// Vectors of texts by their words: each word is a direction of its own, drawn from its letters, so texts that share most of their words lie close
/// together and the same text always at the same place. Whether they mean the same is another matter, as it is with real models.
///
/// A model's name may say how wide they are (`embed-64`); else they have 384 numbers.
enum SimulatedEmbeddings {
    static func reply(to request: SimulatedRequest) -> SimulatedReply {
        guard let json = request.json, let texts = texts(json["input"]) else {
            return .failure(400, "'$.input' is invalid: a text, or a list of texts, was expected")
        }
        let width = json["dimensions"]?.int.map { Int(clamping: $0) } ?? width(of: request.model)
        guard (1...4_096).contains(width) else { return .failure(400, "'$.dimensions' is invalid") }
        let data = texts.enumerated().map { index, text -> JSON in
            let numbers = vector(of: text, width: width).map { JSON.double($0) }
            return ["object": "embedding", "index": .int(index), "embedding": .array(numbers)]
        }
        let usage: JSON = ["prompt_tokens": .int(10 * texts.count), "total_tokens": .int(10 * texts.count)]
        let body: JSON = ["object": "list", "data": .array(data), "model": .string(request.model), "usage": usage]
        return .body(body.text)
    }

    private static func texts(_ input: JSON?) -> [String]? {
        if let text = input?.string { return [text] }
        guard let list = input?.array, !list.isEmpty else { return nil }
        let texts = list.compactMap(\.string)
        return texts.count == list.count ? texts : nil
    }

    private static func width(of model: String) -> Int {
        guard model.hasPrefix("embed-"), let width = Int(model.dropFirst(6)) else { return 384 }
        return width
    }

    private static func vector(of text: String, width: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: width)
        for word in PlainLetters.words(of: text) {
            var state = word.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            for index in 0..<width {
                // xorshift64* (Vigna, 2016)
                state ^= state >> 12
                state ^= state << 25
                state ^= state >> 27
                sum[index] += Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) / Double(1 << 52) - 1
            }
        }
        return sum
    }
}
