/// The text of an HTML page as a person would read it: no tags, scripts or styles; blocks on lines of their own.
///
/// A tolerant scanner over bytes, linear in the size of the page; no tree is built and nothing can fail.
struct ReadableText {
    private(set) var title = ""
    private var output: [UInt8] = []
    private let html: [UInt8]
    private var position = 0
    private var pendingBreaks = 0
    private var pendingSpace = false
    private var titleStart: Int?

    /// Elements whose content is not text for people.
    private static let silent: Set<String> = ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea"]
    private static let paragraphs: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "section", "article", "header", "footer", "main",
        "nav",
        "aside", "form", "figure", "hr", "dl",
    ]
    private static let lines: Set<String> = [
        "br", "div", "li", "tr", "dt", "dd", "option", "figcaption", "address", "caption", "body", "title",
    ]

    static func of(_ html: [UInt8]) -> (title: String, text: String) {
        var reader = ReadableText(html: html)
        reader.read()
        return (reader.title, String(decoding: reader.output, as: UTF8.self))
    }

    private init(html: [UInt8]) { self.html = html }

    private mutating func read() {
        while position < html.count {
            switch html[position] {
            case UInt8(ascii: "<"): readMarkup()
            case UInt8(ascii: "&"): readEntity()
            case 9, 10, 12, 13, 32:
                pendingSpace = true
                position += 1
            default:
                write(html[position])
                position += 1
            }
        }
    }

    private mutating func readMarkup() {
        if starts("<!--") { return skip(past: "-->") }
        let next = position + 1 < html.count ? html[position + 1] : 0
        let isLetter = (65...90).contains(next & 0xDF)
        guard isLetter || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") || next == UInt8(ascii: "?") else {
            write(UInt8(ascii: "<"))
            position += 1
            return
        }
        let closes = next == UInt8(ascii: "/")
        let name = tagName(from: position + (closes ? 2 : 1))
        skipTag()
        if !closes, Self.silent.contains(name) { return skip(past: "</\(name)") }
        lay(out: name, closes: closes)
    }

    private mutating func lay(out name: String, closes: Bool) {
        if name == "title" { closes ? endTitle() : (titleStart = output.count) }
        if Self.paragraphs.contains(name) { pendingBreaks = max(pendingBreaks, 2) }
        if Self.lines.contains(name) { pendingBreaks = max(pendingBreaks, 1) }
        if name == "td" || name == "th" { pendingSpace = true }
        if name == "li", !closes {
            write(UInt8(ascii: "-"))
            pendingSpace = true
        }
    }

    private mutating func endTitle() {
        guard let start = titleStart, start <= output.count else { return }
        title = String(decoding: output[start...].drop { $0 == 10 || $0 == 32 }, as: UTF8.self)
        output.removeSubrange(start...)
        titleStart = nil
    }

    private mutating func write(_ byte: UInt8) {
        if !output.isEmpty {
            if pendingBreaks > 0 {
                output.append(contentsOf: repeatElement(10, count: pendingBreaks))
            } else if pendingSpace {
                output.append(32)
            }
        }
        pendingBreaks = 0
        pendingSpace = false
        output.append(byte)
    }

    private func tagName(from start: Int) -> String {
        let letters = html[min(start, html.count)...].prefix(16).prefix { (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
        return String(decoding: letters, as: UTF8.self).lowercased()
    }

    /// To behind the `>` that ends the tag; quoted attribute values may hold one.
    private mutating func skipTag() {
        var quote: UInt8?
        while position < html.count {
            let byte = html[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return
            }
        }
    }

    private mutating func skip(past mark: String) {
        let mark = Array(mark.utf8)
        while position < html.count, !starts(mark) { position += 1 }
        position = min(position + mark.count, html.count)
        if mark.starts(with: [60, 47]) { skipTag() }
    }

    private func starts(_ text: String) -> Bool { starts(Array(text.utf8)) }

    private func starts(_ mark: [UInt8]) -> Bool {
        guard position + mark.count <= html.count else { return false }
        return mark.indices.allSatisfy { mark[$0] == html[position + $0] || (mark[$0] >= 97 && mark[$0] == html[position + $0] | 0x20) }
    }

    private mutating func readEntity() {
        let body = html[(position + 1)...].prefix(10).prefix { $0 != UInt8(ascii: ";") && $0 > 32 && $0 != UInt8(ascii: "<") }
        let end = position + 1 + body.count
        guard end < html.count, html[end] == UInt8(ascii: ";"), let text = HTMLEntity.text(of: String(decoding: body, as: UTF8.self)) else {
            write(UInt8(ascii: "&"))
            position += 1
            return
        }
        if text == "\u{A0}" { pendingSpace = true } else { for byte in text.utf8 { write(byte) } }
        position = end + 1
    }
}

/// The character references that texts really use; others stay as they are written.
enum HTMLEntity {
    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®", "trade": "™", "hellip": "…",
        "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "bull": "•",
        "middot": "·",
        "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "deg": "°", "ordm": "º", "ordf": "ª", "times": "×", "rarr": "→",
        "larr": "←",
        "aacute": "á", "agrave": "à", "acirc": "â", "atilde": "ã", "auml": "ä", "aring": "å", "ccedil": "ç", "eacute": "é", "egrave": "è",
        "ecirc": "ê", "euml": "ë", "iacute": "í", "icirc": "î", "iuml": "ï", "ntilde": "ñ", "oacute": "ó", "ocirc": "ô", "otilde": "õ",
        "ouml": "ö",
        "uacute": "ú", "ucirc": "û", "uuml": "ü", "szlig": "ß", "Aacute": "Á", "Agrave": "À", "Acirc": "Â", "Atilde": "Ã", "Auml": "Ä",
        "Ccedil": "Ç",
        "Eacute": "É", "Ecirc": "Ê", "Iacute": "Í", "Ntilde": "Ñ", "Oacute": "Ó", "Ocirc": "Ô", "Otilde": "Õ", "Ouml": "Ö", "Uacute": "Ú",
        "Uuml": "Ü",
    ]

    /// `name` without `&` and `;`.
    static func text(of name: String) -> String? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let value, value >= 32, value != 127, let scalar = Unicode.Scalar(value) else { return nil }
        return String(Character(scalar))
    }
}
