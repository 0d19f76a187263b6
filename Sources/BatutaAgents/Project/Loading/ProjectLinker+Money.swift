import BatutaCore
import BatutaModels

extension ProjectLinker {
    /// The project's own prices, by the names that it gives them for.
    func linkPrices() -> [String: PriceHistory] {
        Dictionary(file.prices.map { ($0.name, PriceHistory($0.value.map { (from: $0.from, price: $0.price) })) }) { _, last in last }
    }
}
