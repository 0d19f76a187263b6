import BatutaCore

/// How a line is written.
public enum LogFormat: String, Sendable {
    /// `2026-01-19T18:00:00.123Z INFO  run ended  run.id=run_1 attempt=2`
    case text
    /// One object per line: `at`, `level`, `message`, then the fields.
    case json

    /// Most bytes of one value; the rest becomes `…`.
    static let maximumValue = 8_192

    func line(_ entry: LogEntry, masked by: SecretMask) -> [UInt8] {
        switch self {
        case .text: textLine(entry, by)
        case .json: jsonLine(entry, by)
        }
    }

    private func textLine(_ entry: LogEntry, _ mask: SecretMask) -> [UInt8] {
        var line = entry.at.rfc3339
        let level = entry.level.name.uppercased()
        line += " " + level + String(repeating: " ", count: 8 - level.utf8.count)
        line += LogFormat.plain(mask.mask(entry.message))
        for (index, field) in entry.fields.enumerated() {
            line += (index == 0 ? "  " : " ") + LogFormat.plain(field.name) + "=" + LogFormat.word(field.value, mask)
        }
        return Array(line.utf8) + [0x0A]
    }

    private func jsonLine(_ entry: LogEntry, _ mask: SecretMask) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", entry.at.rfc3339)
        writer.member("level", entry.level.name)
        writer.member("message", mask.mask(entry.message))
        for field in entry.fields {
            writer.key(field.name)
            switch field.value {
            case .string(let text): writer.string(LogFormat.shortened(mask.mask(text)))
            case .int(let number): writer.int(number)
            case .double(let number) where number.isFinite: writer.raw(number.description.utf8)
            case .double(let number): writer.string(number.description)
            case .bool(let flag): writer.bool(flag)
            }
        }
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    private static func word(_ value: LogValue, _ mask: SecretMask) -> String {
        switch value {
        case .int(let number): return String(number)
        case .double(let number): return number.description
        case .bool(let flag): return flag ? "true" : "false"
        case .string(let text):
            let text = shortened(mask.mask(text))
            let needsQuotes = text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D || $0 == 0x5C || $0 == 0x7F }
            return needsQuotes ? "\"" + escaped(text) + "\"" : plain(text)
        }
    }

    /// Masked first and shortened then, so that a cut does not save half a secret.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumValue else { return text }
        return String(decoding: text.utf8.prefix(maximumValue), as: UTF8.self) + "…"
    }

    /// Nothing that ends the line or moves the cursor of a terminal: control characters C0 and C1 become spaces.
    private static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(isControl(scalar) ? " " : scalar)
            }
        }
        return result
    }
}
