extension MicroUSD {
    /// US dollars for people: `$1,240.50`, or `US$ 1.240,50`; to the cent, and small sums to the first digits that say something.
    public static func text(_ micros: Int64, _ language: Language) -> String {
        let isPortuguese = language == .portuguese
        let magnitude = micros.magnitude
        var fraction = String(String(magnitude % 1_000_000 + 1_000_000).dropFirst())
        if magnitude >= 1_000_000 {
            // To the cent, as people write money; a bill is exact elsewhere.
            fraction = String(String((magnitude % 1_000_000) / 10_000 + 100).dropFirst())
        } else {
            while fraction.utf8.count > 2, fraction.last == "0" { fraction.removeLast() }
        }
        let whole = grouped(String(magnitude / 1_000_000), by: isPortuguese ? "." : ",")
        return (micros < 0 ? "-" : "") + (isPortuguese ? "US$ \(whole),\(fraction)" : "$\(whole).\(fraction)")
    }

    private static func grouped(_ digits: String, by separator: Character) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(separator) }
            text.append(digit)
        }
        return text
    }
}
