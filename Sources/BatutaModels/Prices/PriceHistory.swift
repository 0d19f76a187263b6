public import BatutaCore

/// A model's price over time: each holds from its day until the next one.
public struct PriceHistory: Sendable, Hashable {
    /// In the order of days; only the first may have none, and holds from ever.
    private let entries: [Entry]

    struct Entry: Sendable, Hashable {
        var from: CalendarDay?
        var price: ModelPrice
    }

    /// - Parameter prices: With the day from which each holds; nil from ever. In any order.
    public init(_ prices: [(from: CalendarDay?, price: ModelPrice)]) {
        entries = prices.map(Entry.init).sorted { ($0.from?.number ?? .min) < ($1.from?.number ?? .min) }
    }

    /// The least that something costs at any of the prices.
    func least(_ cost: (ModelPrice) -> Int64) -> Int64? { entries.map { cost($0.price) }.min() }

    public init(_ price: ModelPrice) { entries = [Entry(from: nil, price: price)] }

    /// The price of a day; nil before the first one. The day is only asked for where the price ever changed.
    func price(on day: () -> CalendarDay) -> ModelPrice? {
        guard entries.count > 1 || entries.first?.from != nil else { return entries.first?.price }
        let day = day()
        return entries.last { entry in entry.from.map { $0 <= day } ?? true }?.price
    }
}
