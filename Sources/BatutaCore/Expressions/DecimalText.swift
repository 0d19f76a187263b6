/// A number as decimal digits, for writing it with a fixed number of places. Rounds half away from zero, on the digits as people see them:
/// 2.675 with two places is 2.68, whatever double is nearest to it.
struct DecimalText {
    private var isNegative: Bool
    /// Values 0…9; the value is `0.d₁d₂… × 10^point`.
    private var digits: [UInt8]
    private var point: Int

    /// nil for values that are no finite numbers.
    init?(_ value: CELValue) {
        switch value {
        case .int(let number): self.init(ExactDecimal(String(number)))
        case .uint(let number): self.init(ExactDecimal(String(number)))
        case .double(let number):
            guard number.isFinite else { return nil }
            self.init(ExactDecimal("\(number)"))
        case .number(let number):
            guard number.double.isFinite else { return nil }
            self.init(ExactDecimal(number.literal))
        default: return nil
        }
    }

    private init(_ exact: ExactDecimal) {
        isNegative = exact.isNegative
        digits = exact.digits
        point = exact.point
        // Smaller than any double: nothing is left of it in any number of places.
        if point < -400 { (isNegative, digits, point) = (false, [], 0) }
    }

    func rounded(to places: Int) -> DecimalText {
        let kept = point + places
        guard kept < digits.count else { return self }
        var copy = self
        let roundsUp = kept >= 0 && digits[kept] >= 5
        copy.digits = kept > 0 ? Array(digits[..<kept]) : []
        if roundsUp { copy.increment(placesKept: max(0, kept)) }
        if copy.digits.allSatisfy({ $0 == 0 }) { (copy.isNegative, copy.digits, copy.point) = (false, [], 0) }
        return copy
    }

    private mutating func increment(placesKept kept: Int) {
        var index = kept - 1
        while index >= 0 {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
            index -= 1
        }
        digits.insert(1, at: 0)
        point += 1
    }

    /// Digits behind the point that the number has.
    var places: Int { max(0, digits.count - point) }

    var isBelowZero: Bool { isNegative }

    var magnitude: DecimalText {
        var copy = self
        copy.isNegative = false
        return copy
    }

    /// The number, already rounded, with exactly so many places.
    func text(digits places: Int, grouping: String, point mark: String) -> String {
        let whole = (0..<max(0, point)).map { $0 < digits.count ? digits[$0] : 0 }
        var text = isNegative ? "-" : ""
        if whole.isEmpty { text += "0" }
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { text += grouping }
            text += String(digit)
        }
        guard places > 0 else { return text }
        text += mark
        for place in 0..<places {
            let index = point + place
            text += String(digits.indices.contains(index) ? digits[index] : 0)
        }
        return text
    }

    /// `1.5e+03`, as C writes it.
    func scientific(digits places: Int) -> String {
        if digits.isEmpty { return "0" + (places > 0 ? "." + String(repeating: "0", count: places) : "") + "e+00" }
        var copy = self
        copy.point = 1
        copy = copy.rounded(to: places)
        let exponent = point - 1 + (copy.point - 1)
        copy.point = 1
        let size = String(abs(exponent))
        return "\(copy.text(digits: places, grouping: "", point: "."))e\(exponent < 0 ? "-" : "+")\(size.count < 2 ? "0" : "")\(size)"
    }
}
