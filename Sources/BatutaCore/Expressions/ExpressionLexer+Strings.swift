extension ExpressionLexer {
    /// How a text is written: `'…'`, `"…"`, tripled, raw (`r`), bytes (`b`).
    private struct StringForm {
        var isBytes = false
        var isRaw = false
        var quote: UInt8 = 0
        var isTriple = false
        /// Bytes before the content.
        var opening = 0
    }

    /// A text or bytes, or nil when none begins here.
    mutating func stringLiteral() throws(Failure) -> ExpressionToken.Kind? {
        guard let form = stringForm() else { return nil }
        let start = position
        advance(form.opening)
        let content = try stringContent(form, from: start)
        if form.isBytes { return .bytes(content) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Failure(message: Words("the text is not valid UTF-8", "o texto não é UTF-8 válido"), offset: start)
        }
        return .string(text)
    }

    private func stringForm() -> StringForm? {
        var form = StringForm()
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "b") {
            form.isBytes = true
            form.opening += 1
        }
        if let byte = peek(form.opening), byte | 0x20 == UInt8(ascii: "r") {
            form.isRaw = true
            form.opening += 1
        }
        guard let quote = peek(form.opening), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        form.quote = quote
        form.isTriple = peek(form.opening + 1) == quote && peek(form.opening + 2) == quote
        form.opening += form.isTriple ? 3 : 1
        return form
    }

    private mutating func stringContent(_ form: StringForm, from start: Int) throws(Failure) -> [UInt8] {
        var content: [UInt8] = []
        while let byte = peek() {
            if byte == form.quote, !form.isTriple || (peek(1) == form.quote && peek(2) == form.quote) {
                advance(form.isTriple ? 3 : 1)
                return content
            }
            if !form.isTriple, byte == 10 || byte == 13 { break }
            if byte == UInt8(ascii: "\\"), !form.isRaw {
                try escape(into: &content, isBytes: form.isBytes)
            } else {
                content.append(byte)
                advance()
            }
        }
        let message = Words("the text that begins here has no closing quote", "o texto que começa aqui não tem as aspas que o fecham")
        throw Failure(message: message, offset: start)
    }

    private mutating func escape(into content: inout [UInt8], isBytes: Bool) throws(Failure) {
        let start = position
        guard let letter = peek(1) else {
            throw Failure(message: Words("the text ends within an escape", "o texto acaba no meio de um escape"), offset: start)
        }
        if let plain = Self.plainEscapes[letter] {
            content.append(plain)
            advance(2)
            return
        }
        let (value, length, isOctet) = try escapedNumber(letter, at: start)
        advance(length)
        if isBytes {
            guard isOctet else {
                let message = Words("`\\u` has no place in bytes; write `\\x`", "`\\u` não vale em bytes; escreva `\\x`")
                throw Failure(message: message, offset: start)
            }
            content.append(UInt8(truncatingIfNeeded: value))
        } else if let scalar = Unicode.Scalar(value) {
            content.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        } else {
            let message = Words("the escape is no Unicode character", "o escape não é um caractere Unicode")
            throw Failure(message: message, offset: start)
        }
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92, UInt8(ascii: "?"): 63, UInt8(ascii: "\""): 34,
        UInt8(ascii: "'"): 39, UInt8(ascii: "`"): 96,
    ]

    /// `\xHH`, `\uHHHH`, `\UHHHHHHHH` and three octal digits.
    private func escapedNumber(_ letter: UInt8, at start: Int) throws(Failure) -> (value: UInt32, length: Int, isOctet: Bool) {
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): (try digits(2, radix: 16, from: 2, at: start), 4, true)
        case UInt8(ascii: "u"): (try digits(4, radix: 16, from: 2, at: start), 6, false)
        case UInt8(ascii: "U"): (try digits(8, radix: 16, from: 2, at: start), 10, false)
        case 48...51: (try digits(3, radix: 8, from: 1, at: start), 4, true)
        default:
            let message = Words(
                "unknown escape; a backslash itself is written `\\\\`, or use r'…'",
                "escape desconhecido; a própria barra invertida se escreve `\\\\`, ou use r'…'"
            )
            throw Failure(message: message, offset: start)
        }
    }

    private func digits(_ count: Int, radix: UInt32, from ahead: Int, at start: Int) throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<count {
            guard let digit = peek(ahead + index).flatMap(Self.hexDigit), digit < radix else {
                let message = Words(
                    "the escape needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits",
                    "o escape precisa de \(count) dígitos \(radix == 8 ? "octais" : "hexadecimais")"
                )
                throw Failure(message: message, offset: start)
            }
            value = value &* radix &+ digit
        }
        return value
    }
}
