import BatutaCore

extension APIClient {
    /// Everything that a list of the API holds, page after page, in its order.
    ///
    /// - Parameters:
    ///   - path: With or without a query.
    ///   - take: Gets each entry; false ends the reading.
    func each(of path: String, _ take: (JSON) throws -> Bool) async throws {
        let start = path + (path.contains("?") ? "&" : "?") + "limit=200"
        var cursor: String?
        repeat {
            let page = try await get(start + (cursor.map { "&cursor=\(Self.encoded($0))" } ?? ""))
            for entry in page["data"]?.array ?? [] { guard try take(entry) else { return } }
            cursor = page["next_cursor"]?.string
        } while cursor != nil
    }
}
