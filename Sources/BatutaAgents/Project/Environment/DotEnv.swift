import BatutaCore

/// Reads `.env` files: `KEY=VALUE` lines with comments, `export`, quotes and values over several lines (S0.25, S4.52).
public struct DotEnv: Sendable {
    /// Of equal names the last one wins.
    public private(set) var values: [String: String] = [:]
    public private(set) var problems: [ProjectProblem] = []

    /// - Parameters:
    ///   - bytes: the file; what cannot be read is told and left out.
    ///   - path: what problems call it.
    public init(parsing bytes: [UInt8], path: String = ProjectLayout.environmentFile) {
        guard bytes.count <= YAML.longestFile, UTF8Validity.firstInvalidByte(of: bytes) == nil else {
            let message = Words("the file is not valid UTF-8, or has more than 1 MiB", "o arquivo não é UTF-8 válido, ou passa de 1 MiB")
            problems.append(ProjectProblem(path: path, line: 1, message: message))
            return
        }
        var reader = DotEnvReader(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        while let entry = reader.next() {
            switch entry {
            case .value(let name, let value): values[name] = value
            case .problem(let line, let message, let hint):
                // The line is left out, the others count.
                problems.append(ProjectProblem(path: path, line: line, message: message, hint: hint, severity: .warning))
            }
        }
    }

    /// Letters, digits and `_`, without a digit in front (POSIX.1-2024, 3.216).
    @Sendable public static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 200, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 }
    }
}

/// Walks through a `.env` file. Values are never quoted in problems: they may be secrets.
struct DotEnvReader {
    enum Entry {
        case value(String, String)
        case problem(line: Int, message: Words, hint: Words?)
    }

    let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Entry? {
        while position < bytes.count {
            skipBlanks()
            guard let byte = peek else { return nil }
            if byte == UInt8(ascii: "\n") {
                advance()
            } else if byte == UInt8(ascii: "#") {
                skipLine()
            } else {
                return entry()
            }
        }
        return nil
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0D { advance() }
    }

    private mutating func skipLine() {
        while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
    }

    private mutating func entry() -> Entry {
        let start = line
        var name = word()
        if name == "export", let byte = peek, byte == 0x20 || byte == 0x09 {
            skipBlanks()
            name = word()
        }
        skipBlanks()
        guard DotEnv.isName(name), peek == UInt8(ascii: "=") else {
            skipLine()
            return .problem(
                line: start,
                message: Words("this is no NAME=VALUE", "isto não é NOME=VALOR"),
                hint: Words("names have letters, digits and `_`", "nomes têm letras, dígitos e `_`")
            )
        }
        advance()
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""): return quoted(name, by: UInt8(ascii: "\""), from: start)
        case UInt8(ascii: "'"): return quoted(name, by: UInt8(ascii: "'"), from: start)
        default: return .value(name, bare())
        }
    }

    private mutating func word() -> String {
        let start = position
        while let byte = peek, byte != UInt8(ascii: "="), byte > 0x20 { advance() }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Up to the end of the line or a `#` after white space, without white space at the end.
    private mutating func bare() -> String {
        let start = position
        var end = position
        while let byte = peek, byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "#"), position == start || end < position { break }
            advance()
            if byte != 0x20, byte != 0x09, byte != 0x0D { end = position }
        }
        let value = String(decoding: bytes[start..<end], as: UTF8.self)
        skipLine()
        return value
    }

    /// Single quotes keep everything; within double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes.
    private mutating func quoted(_ name: String, by quote: UInt8, from start: Int) -> Entry {
        advance()
        var value: [UInt8] = []
        while let byte = peek, byte != quote {
            advance()
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let next = peek {
                advance()
                value += Self.unescaped(next)
            } else {
                value.append(byte)
            }
        }
        guard peek != nil else {
            let message = Words("the value of \(name) has no closing quote", "o valor de \(name) não tem as aspas que o fecham")
            return .problem(line: start, message: message, hint: nil)
        }
        advance()
        skipBlanks()
        if let byte = peek, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "#") {
            skipLine()
            return .problem(
                line: line,
                message: Words("there is more after the closing quote of \(name)", "há mais depois das aspas que fecham \(name)"),
                hint: Words("put quotes around all of it", "ponha tudo entre aspas")
            )
        }
        skipLine()
        return .value(name, String(decoding: value, as: UTF8.self))
    }

    private static func unescaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "n"): [0x0A]
        case UInt8(ascii: "r"): [0x0D]
        case UInt8(ascii: "t"): [0x09]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"): [byte]
        default: [UInt8(ascii: "\\"), byte]
        }
    }
}
