/// How a reader's language writes numbers (CLDR, `pt` and `en`).
struct NumberStyle {
    let isPortuguese: Bool

    /// Portuguese for `pt` and its regions; English for everything else.
    init(language: String) {
        let primary = language.utf8.prefix(3).map { $0 | 0x20 }
        isPortuguese =
            primary.starts(with: Array("pt".utf8))
            && (primary.count == 2 || primary[2] == UInt8(ascii: "-") | 0x20 || primary[2] == UInt8(ascii: "_") | 0x20)
    }

    var grouping: String { isPortuguese ? "." : "," }
    var point: String { isPortuguese ? "," : "." }

    func text(_ decimal: DecimalText, places: Int) -> String {
        decimal.rounded(to: places).text(digits: places, grouping: grouping, point: point)
    }

    /// The sign stands before the symbol: `-R$ 10,00`, `-$10.00`.
    func money(_ decimal: DecimalText, currency: String) -> String {
        let places = Self.withoutCents.contains(currency) ? 0 : 2
        let amount = decimal.rounded(to: places)
        let sign = amount.isBelowZero ? "-" : ""
        return sign + prefix(currency) + amount.magnitude.text(digits: places, grouping: grouping, point: point)
    }

    private func prefix(_ currency: String) -> String {
        let symbol = (isPortuguese ? Self.portugueseSymbols : Self.englishSymbols)[currency]
        guard let symbol else { return currency + " " }
        return isPortuguese ? symbol + " " : symbol
    }

    private static let englishSymbols = ["USD": "$", "EUR": "€", "GBP": "£", "BRL": "R$"]
    private static let portugueseSymbols = ["USD": "US$", "EUR": "€", "GBP": "£", "BRL": "R$"]
    /// ISO 4217: currencies without a smaller unit that are in wide use.
    private static let withoutCents: Set<String> = ["JPY", "KRW", "CLP", "PYG", "VND", "ISK", "XOF", "XAF", "UGX"]
}

extension CELCall {
    /// `number(x)` with the places that the number has, at most 6; `number(x, 2)` with exactly two.
    func formattedNumber(language: String) throws(ExpressionError) -> String {
        let decimal = try decimal()
        let places = try optionalWhole(1)
        guard (0...20).contains(places ?? 0) else { throw invalid(Words("places are 0 to 20", "as casas decimais vão de 0 a 20")) }
        return NumberStyle(language: language).text(decimal, places: places.map { Int($0) } ?? min(6, decimal.rounded(to: 6).places))
    }

    /// `money(x, 'BRL')`: a code of ISO 4217.
    func formattedMoney(language: String) throws(ExpressionError) -> String {
        let currency = try string(1)
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw invalid(
                Words(
                    "a currency is a code of three capital letters, such as 'BRL'",
                    "uma moeda é um código de três letras maiúsculas, como 'BRL'"
                )
            )
        }
        return NumberStyle(language: language).money(try decimal(), currency: currency)
    }

    private func decimal() throws(ExpressionError) -> DecimalText {
        if let decimal = DecimalText(self[0]) { return decimal }
        guard self[0].asDouble != nil else { throw wrongType() }
        throw outOfRange(Words("the number", "o número"))
    }
}
