import BatutaCore
import CYAML

/// One event of libyaml, copied out of its memory.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, alias, scalar, sequenceStart, sequenceEnd, mappingStart, mappingEnd, other
    }

    var kind: Kind
    var text: String
    var anchor: String?
    var tag: String?
    var isPlain: Bool
    /// Of a text in a block the line of its first words, below `|` or `>`.
    var line: Int
    var column: Int
}

/// libyaml's parser over bytes that are known to be UTF-8.
final class YAMLReader {
    private let handle: OpaquePointer
    private let lineOffset: Int
    private let bytes: UnsafeBufferPointer<UInt8>

    /// - Parameters:
    ///   - bytes: must outlive the reader.
    ///   - lineOffset: lines of the file before the first of these bytes.
    init(_ bytes: UnsafeBufferPointer<UInt8>, lineOffset: Int) throws(YAMLError) {
        guard let handle = batuta_yaml_open(bytes.baseAddress, bytes.count) else {
            throw YAMLError(.outOfMemory, Words("no memory left to read the file", "falta memória para ler o arquivo"), line: 1)
        }
        self.handle = handle
        self.lineOffset = lineOffset
        self.bytes = bytes
    }

    deinit { batuta_yaml_close(handle) }

    func next() throws(YAMLError) -> YAMLEvent {
        var event = batuta_yaml_event()
        guard batuta_yaml_next(handle, &event) else { throw problem() }
        let value = UnsafeBufferPointer(start: event.value, count: event.length)
        return YAMLEvent(
            kind: Self.kind(event.kind),
            text: String(decoding: value, as: UTF8.self),
            anchor: event.anchor.map { String(cString: $0) },
            tag: event.tag.map { String(cString: $0) },
            isPlain: event.plain,
            line: Int(event.line) + (event.block ? 2 : 1) + lineOffset,
            column: Int(event.column) + 1
        )
    }

    private func problem() -> YAMLError {
        var context: UnsafePointer<CChar>?
        var contextLine = 0
        var line = 0
        var column = 0
        guard let words = batuta_yaml_problem(handle, &context, &contextLine, &line, &column) else {
            return YAMLError(.syntax, YAMLWords.invalid, line: 1 + lineOffset)
        }
        if isIndentedWithTab(line) {
            return YAMLError(
                .syntax,
                YAMLWords.invalid + Words(": ", ": ") + YAMLWords.tab,
                line: line + 1 + lineOffset,
                hint: YAMLWords.useSpaces
            )
        }
        let start = contextLine + 1 + lineOffset
        let began = contextLine == line ? Words.none : Words(", begun on line \(start)", ", que começa na linha \(start)")
        let within = context.map { Words(" (", " (") + YAMLWords.context(String(cString: $0)) + began + Words(")", ")") } ?? .none
        let message = YAMLWords.invalid + Words(": ", ": ") + YAMLWords.problem(String(cString: words)) + within
        return YAMLError(.syntax, message, line: line + 1 + lineOffset, column: column + 1)
    }

    /// Whether a tab stands in front of the text of a line: libyaml then complains of what comes of it, elsewhere and in other words.
    private func isIndentedWithTab(_ line: Int) -> Bool {
        let lines = bytes.split(separator: 0x0A, maxSplits: line + 1, omittingEmptySubsequences: false)
        guard lines.indices.contains(line) else { return false }
        return lines[line].prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
    }

    private static func kind(_ raw: Int32) -> YAMLEvent.Kind {
        switch batuta_yaml_kind(rawValue: UInt32(bitPattern: raw)) {
        case batuta_yaml_stream_start: .streamStart
        case batuta_yaml_stream_end: .streamEnd
        case batuta_yaml_document_start: .documentStart
        case batuta_yaml_document_end: .documentEnd
        case batuta_yaml_alias: .alias
        case batuta_yaml_scalar: .scalar
        case batuta_yaml_sequence_start: .sequenceStart
        case batuta_yaml_sequence_end: .sequenceEnd
        case batuta_yaml_mapping_start: .mappingStart
        case batuta_yaml_mapping_end: .mappingEnd
        default: .other
        }
    }
}
