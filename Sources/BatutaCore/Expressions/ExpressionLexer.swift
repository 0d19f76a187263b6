/// Splits a source into words, one at a time (CEL language definition, "Syntax").
struct ExpressionLexer {
    let source: [UInt8]
    private(set) var position: Int
    let end: Int

    init(_ source: [UInt8], in range: Range<Int>) {
        self.source = source
        position = range.lowerBound
        end = range.upperBound
    }

    /// What goes wrong here carries the byte offset; the caller makes a place of it.
    struct Failure: Error {
        var code: ExpressionError.Code = .syntax
        var message: Words
        var offset: Int
    }

    mutating func next() throws(Failure) -> ExpressionToken {
        skipBlanks()
        let start = position
        guard let byte = peek() else { return ExpressionToken(kind: .end, range: start..<start) }
        let kind = try token(startingWith: byte)
        return ExpressionToken(kind: kind, range: start..<position)
    }

    private mutating func token(startingWith byte: UInt8) throws(Failure) -> ExpressionToken.Kind {
        if let string = try stringLiteral() { return string }
        if Self.isNameStart(byte) { return .identifier(word()) }
        if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true) { return try number() }
        if byte == UInt8(ascii: "`") { return try quotedIdentifier() }
        return .symbol(try symbol(byte))
    }

    // MARK: Reading bytes

    func peek(_ ahead: Int = 0) -> UInt8? {
        let index = position + ahead
        return index < end ? source[index] : nil
    }

    mutating func advance(_ count: Int = 1) { position = min(position + count, end) }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    static func isNameStart(_ byte: UInt8) -> Bool { (byte | 0x20 >= 97 && byte | 0x20 <= 122) || byte == 95 }

    static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 48...57: UInt32(byte - 48)
        case 97...102: UInt32(byte - 87)
        case 65...70: UInt32(byte - 55)
        default: nil
        }
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == 32 || (byte >= 9 && byte <= 13) {
                advance()
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
                while let next = peek(), next != 10 { advance() }
            } else {
                return
            }
        }
    }

    private mutating func word() -> String {
        let start = position
        while let byte = peek(), Self.isNamePart(byte) { advance() }
        return String(decoding: source[start..<position], as: UTF8.self)
    }

    private mutating func quotedIdentifier() throws(Failure) -> ExpressionToken.Kind {
        let start = position
        advance()
        while let byte = peek(), Self.isNamePart(byte) || [45, 46, 47, 32].contains(byte) { advance() }
        guard peek() == UInt8(ascii: "`"), position > start + 1 else {
            throw Failure(
                message: Words(
                    "a name in backticks holds letters, digits, `_`, `-`, `.`, `/` and blanks and ends with a backtick",
                    "um nome entre crases leva letras, dígitos, `_`, `-`, `.`, `/` e espaços, e termina com uma crase"
                ),
                offset: start
            )
        }
        advance()
        return .quotedIdentifier(String(decoding: source[(start + 1)..<(position - 1)], as: UTF8.self))
    }

    private mutating func symbol(_ byte: UInt8) throws(Failure) -> ExpressionSymbol {
        if let second = peek(1), second < 128, let symbol = ExpressionSymbol(rawValue: Self.text([byte, second])) {
            advance(2)
            return symbol
        }
        guard byte < 128, let symbol = ExpressionSymbol(rawValue: Self.text([byte])) else {
            throw unexpected(byte)
        }
        advance()
        return symbol
    }

    private func unexpected(_ byte: UInt8) -> Failure {
        let found = character(at: position)
        let message =
            switch byte {
            case UInt8(ascii: "="): Words("`=` is no operator; write `==` to compare", "`=` não é operador; para comparar, escreva `==`")
            case UInt8(ascii: "&"): Words("`&` is no operator; write `&&`", "`&` não é operador; escreva `&&`")
            case UInt8(ascii: "|"): Words("`|` is no operator; write `||`", "`|` não é operador; escreva `||`")
            default: Words("unexpected character \(found.english)", "caractere inesperado: \(found.portuguese)")
            }
        return Failure(message: message, offset: position)
    }

    /// The character at a place, for messages.
    private func character(at offset: Int) -> Words {
        let tail = String(decoding: source[offset..<min(offset + 4, end)], as: UTF8.self)
        guard let scalar = tail.unicodeScalars.first, scalar.value >= 32, scalar.value != 0xFFFD else {
            return Words("code \(source[offset])", "código \(source[offset])")
        }
        return Words("`\(Character(scalar))`", "`\(Character(scalar))`")
    }

    static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension ExpressionLexer {
    /// Whole numbers in tens or sixteens, unsigned with `u`, and doubles.
    private mutating func number() throws(Failure) -> ExpressionToken.Kind {
        let start = position
        let kind = isHexadecimal ? try hexadecimal(from: start) : try decimal(from: start)
        if let byte = peek(), Self.isNamePart(byte) {
            let found = character(at: position)
            let message = Words(
                "a number is followed directly by \(found.english)",
                "um número vem seguido, sem espaço, de \(found.portuguese)"
            )
            throw Failure(message: message, offset: position)
        }
        return kind
    }

    private var isHexadecimal: Bool {
        peek() == 48 && peek(1).map { $0 | 0x20 } == UInt8(ascii: "x") && peek(2).flatMap(Self.hexDigit) != nil
    }

    private mutating func hexadecimal(from start: Int) throws(Failure) -> ExpressionToken.Kind {
        advance(2)
        let digits = position
        while let byte = peek(), Self.hexDigit(byte) != nil { advance() }
        return try whole(Self.text(source[digits..<position]), radix: 16, from: start)
    }

    private mutating func decimal(from start: Int) throws(Failure) -> ExpressionToken.Kind {
        skipDigits()
        var isDouble = false
        if peek() == UInt8(ascii: "."), peek(1).map(Self.isDigit) == true {
            isDouble = true
            advance()
            skipDigits()
        }
        if takeExponent() { isDouble = true }
        let text = Self.text(source[start..<position])
        guard isDouble else { return try whole(text, radix: 10, from: start) }
        let spelled = text.utf8.first == UInt8(ascii: ".") ? "0" + text : text
        guard let value = Double(spelled), value.isFinite else {
            let message = Words("the number is too large for a double", "o número é grande demais para um double")
            throw Failure(code: .overflow, message: message, offset: start)
        }
        return .double(value)
    }

    private mutating func skipDigits() {
        while let byte = peek(), Self.isDigit(byte) { advance() }
    }

    private mutating func takeExponent() -> Bool {
        guard let letter = peek(), letter | 0x20 == UInt8(ascii: "e") else { return false }
        let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
        guard peek(1 + sign).map(Self.isDigit) == true else { return false }
        advance(1 + sign)
        skipDigits()
        return true
    }

    private mutating func whole(_ digits: String, radix: Int, from start: Int) throws(Failure) -> ExpressionToken.Kind {
        let magnitude = UInt64(digits, radix: radix)
        if let letter = peek(), letter | 0x20 == UInt8(ascii: "u") {
            advance()
            guard let magnitude else {
                let message = Words("the number does not fit 64 bits", "o número não cabe em 64 bits")
                throw Failure(code: .overflow, message: message, offset: start)
            }
            return .uint(magnitude)
        }
        guard let magnitude, magnitude <= 1 << 63 else {
            throw Failure(
                code: .overflow,
                message: Words(
                    "the number does not fit a 64-bit integer; write it as a double or a text",
                    "o número não cabe em um inteiro de 64 bits; escreva-o como double ou como texto"
                ),
                offset: start
            )
        }
        return Int64(exactly: magnitude).map { .int($0) } ?? .intMinimumMagnitude
    }
}
