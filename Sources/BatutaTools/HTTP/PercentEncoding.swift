/// Percent-encoding (RFC 3986 §2) and the form encoding of the URL standard.
enum PercentEncoding {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// Everything but letters, digits, `-`, `.`, `_`, `~`: fit for one path segment or one query value.
    static func component(_ text: String) -> String { encode(text) { isUnreserved($0) } }

    /// `application/x-www-form-urlencoded`.
    static func form(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(formValue($0.0))=\(formValue($0.1))" }.joined(separator: "&")
    }

    static func query(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(component($0.0))=\(component($0.1))" }.joined(separator: "&")
    }

    private static func formValue(_ text: String) -> String {
        let encoded = encode(text) { $0 == 32 || $0 == 42 || ($0 != 126 && isUnreserved($0)) }
        return String(decoding: encoded.utf8.map { $0 == 32 ? 43 : $0 }, as: UTF8.self)
    }

    private static func encode(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 126: true
        default: false
        }
    }
}
