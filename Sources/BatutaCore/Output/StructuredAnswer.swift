/// Finds the JSON in an answer that was to be nothing else.
public enum StructuredAnswer {
    /// The text without white space around it when it is JSON, else the content of the only code fence in it when that is JSON. nil when
    /// neither is so: which of several fences was meant nobody knows.
    public static func json(in answer: String) -> String? {
        let bytes = Array(answer.utf8)
        if let whole = document(bytes[...]) { return whole }
        guard let fenced = onlyFence(in: bytes) else { return nil }
        return document(fenced)
    }

    private static func document(_ bytes: ArraySlice<UInt8>) -> String? {
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? bytes.endIndex
        guard start < end, (try? JSON.parse(bytes[start..<end])) != nil else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// What stands between the two lines of three backticks or more; nil when there are not exactly two, or the first names another language.
    private static func onlyFence(in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let fences = lines.indices.filter { isFence(lines[$0]) }
        guard fences.count == 2, let opening = lines.indices.contains(fences[0]) ? lines[fences[0]] : nil else { return nil }
        let language = opening.drop { isBlank($0) || $0 == 0x60 }.filter { !isBlank($0) }
        guard language.isEmpty || String(decoding: language, as: UTF8.self).lowercased() == "json" else { return nil }
        let closing = lines[fences[1]]
        return bytes[opening.endIndex..<closing.startIndex]
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        line.drop { $0 == 0x20 || $0 == 0x09 }.starts(with: [0x60, 0x60, 0x60])
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
