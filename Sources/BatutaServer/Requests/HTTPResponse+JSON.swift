import BatutaCore
import BatutaHTTP

extension HTTPResponse {
    static func json(_ json: JSON, status: HTTPStatus = .ok) -> HTTPResponse { .json(json.bytes, status: status) }

    /// A list as `{"data":[…],"next_cursor"}`. Expects one row more than the limit when there is another page.
    static func page<Row>(_ rows: [Row], limit: Int, cursor: (Row) -> String, _ json: (Row) -> JSON) -> HTTPResponse {
        let page = rows.prefix(limit)
        let next = rows.count > limit ? page.last.map { JSON.string(cursor($0)) } ?? .null : .null
        return .json(["data": .array(page.map(json)), "next_cursor": next])
    }

    /// The body when it can be given again; nil for a stream.
    var keepableBytes: [UInt8]? {
        switch body {
        case .empty: []
        case .bytes(let bytes): bytes
        default: nil
        }
    }
}
