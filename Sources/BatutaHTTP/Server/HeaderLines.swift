/// Header fields as the lines of a response head.
enum HeaderLines {
    static func encode(_ headers: HTTPHeaders) -> [UInt8] {
        var lines: [UInt8] = []
        guard !headers.isEmpty else { return lines }
        lines.reserveCapacity(headers.count * 48)
        for field in headers where isAllowed(field) {
            lines.append(contentsOf: field.name.utf8)
            lines.append(0x3A)
            lines.append(0x20)
            lines.append(contentsOf: field.value.utf8)
            lines.append(0x0D)
            lines.append(0x0A)
        }
        return lines
    }

    /// Leaves out what is the server's, and what would break the head's lines apart.
    private static func isAllowed(_ field: HTTPHeaders.Field) -> Bool {
        guard HTTPHeaders.isName(field.name), HTTPHeaders.isValue(field.value) else { return false }
        return !reserved.contains { $0.utf8.count == field.name.utf8.count && HTTPHeaders.same($0, field.name) }
    }

    private static let reserved = ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Keep-Alive"]
}
