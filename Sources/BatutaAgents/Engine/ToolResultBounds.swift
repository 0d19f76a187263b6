import BatutaCore

/// Keeps events under 1 MiB (API §5, Tool results): large data is cut to a preview that says so.
enum ToolResultBounds {
    static let largestData = 256 * 1_024
    static let previewLength = 16 * 1_024

    static func bounded(_ result: ToolResult) -> ToolResult {
        guard let data = result.data else { return result }
        let bytes = data.bytes
        guard bytes.count > largestData else { return result }
        var bounded = result
        bounded.data = [
            "truncated": true, "size": .int(bytes.count),
            "preview": .string(String(decoding: bytes.prefix(previewLength), as: UTF8.self)),
        ]
        return bounded
    }
}
