extension NanoUSD {
    /// US dollars for people: `$1,240.50`, or `US$ 1.240,50`; to the cent, and small sums to the first digits that say something.
    public static func text(_ nanos: Int64, _ language: Language) -> String {
        let isPortuguese = language == .portuguese
        let magnitude = rounded(nanos.magnitude)
        var fraction = String(String(magnitude % unit + unit).dropFirst())
        if magnitude >= unit {
            // To the cent, as people write money; a bill is exact elsewhere.
            fraction = String(String((magnitude % unit) / 10_000_000 + 100).dropFirst())
        } else {
            while fraction.utf8.count > 2, fraction.last == "0" { fraction.removeLast() }
        }
        let whole = grouped(String(magnitude / unit), by: isPortuguese ? "." : ",")
        return (nanos < 0 ? "-" : "") + (isPortuguese ? "US$ \(whole),\(fraction)" : "$\(whole).\(fraction)")
    }

    private static let unit = UInt64(NanoUSD.dollar)

    /// To the millionth, which nobody reads beyond but of what is less.
    private static func rounded(_ nanos: UInt64) -> UInt64 { nanos < 1_000 ? nanos : (nanos + 500) / 1_000 * 1_000 }

    private static func grouped(_ digits: String, by separator: Character) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(separator) }
            text.append(digit)
        }
        return text
    }
}
