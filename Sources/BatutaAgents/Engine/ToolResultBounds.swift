import BatutaCore
import BatutaRuns
import BatutaStorage

/// Keeps events under 1 MiB (API §5, Tool results): large data is cut to a preview that says so.
enum ToolResultBounds {
    static let largestData = 256 * 1_024
    static let previewLength = 16 * 1_024
    /// A model acts on a sentence; the rest of what a service said, a page of HTML say, would be in every event that tells of the failure.
    static let largestError = 8 * 1_024

    /// A failure with words that are not too many.
    static func shortened(_ result: ToolResult) -> ToolResult {
        guard let error = result.error, error.utf8.count > largestError else { return result }
        var shortened = result
        // Not within a character.
        let start = (0..<4).lazy.compactMap { String(error.utf8.prefix(largestError - $0)) }.first ?? ""
        shortened.error = "\(start) … (\(error.utf8.count) bytes in all)"
        return shortened
    }

    /// - Parameter file: Where the whole of it is kept.
    static func bounded(_ result: ToolResult, _ bytes: [UInt8], file: FileID?) -> ToolResult {
        var cut: JSONObject = ["truncated": true, "size": .int(bytes.count)]
        cut["file_id"] = file.map { .string($0.rawValue) }
        cut["preview"] = .string(String(decoding: bytes.prefix(previewLength), as: UTF8.self))
        var bounded = result
        bounded.data = .object(cut)
        return bounded
    }
}

/// A result as it goes to the log, with the file that holds what is too large for it.
struct KeptResult: Sendable {
    var result: ToolResult
    var file: NewFile?
}

/// Turns results into what goes to the log.
struct ResultKeeper: Sendable {
    let services: EngineServices
    let handle: RunHandle

    /// A disk that takes no file leaves the preview alone.
    func kept(_ result: ToolResult, of call: CallState) async -> KeptResult {
        let result = ToolResultBounds.shortened(result)
        guard let data = result.data else { return KeptResult(result: result) }
        let bytes = data.string.map { Array($0.utf8) } ?? data.bytes
        guard bytes.count > ToolResultBounds.largestData else { return KeptResult(result: result) }
        guard let blob = try? await services.blobs?.prepare(bytes) else {
            return KeptResult(result: ToolResultBounds.bounded(result, bytes, file: nil))
        }
        let now = services.clock.now()
        let isText = data.string != nil
        let file = StoredFile(
            id: FileID.make(at: now, random: services.random),
            session: handle.run.sessionID,
            owner: handle.run.owner,
            run: handle.run.id,
            name: "\(call.call.tool).\(isText ? "txt" : "json")",
            mediaType: isText ? "text/plain" : "application/json",
            size: Int64(bytes.count),
            hash: blob.hash,
            createdAt: now
        )
        return KeptResult(result: ToolResultBounds.bounded(result, bytes, file: file.id), file: NewFile(file, blob))
    }
}
