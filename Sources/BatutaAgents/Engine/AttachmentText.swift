import BatutaCore
import BatutaModels
import BatutaRuns

/// What a model is told of the files that come with a message: a line each, and the text itself of small ones.
struct AttachmentText: Sendable {
    /// Bytes up to which a text is shown whole.
    static let largestText = 64 * 1_024

    let files: FileStore
    let secrets: SecretPatterns

    /// - Parameter notes: What else is said of a file.
    func text(_ content: String, _ attachments: [Attachment], notes: [FileID: String] = [:]) async throws -> String {
        var lines = content.isBlank ? [] : [content]
        for attachment in attachments { lines.append(try await line(attachment, notes[attachment.fileID])) }
        return lines.joined(separator: "\n\n")
    }

    private func line(_ attachment: Attachment, _ note: String?) async throws -> String {
        let facts = ["\(attachment.mediaType), \(attachment.size) bytes, \(attachment.fileID)"] + (note.map { [$0] } ?? [])
        let head = "Attached file: \(attachment.name) (\(facts.joined(separator: "; ")))"
        guard Self.isText(attachment.mediaType), attachment.size <= Self.largestText else { return head }
        guard let file = try await files.find(attachment.fileID, owner: nil),
            let bytes = try await files.read(file, at: 0, count: Self.largestText),
            let text = String(validating: bytes, as: UTF8.self)
        else { return head }
        // A fence that the text cannot close.
        let fence = String(repeating: "`", count: max(3, Self.longestRun(of: UInt8(ascii: "`"), in: bytes) + 1))
        return "\(head)\n\(fence)\n\(secrets.masked(text))\n\(fence)"
    }

    static func isText(_ mediaType: String) -> Bool {
        mediaType.hasPrefix("text/") || mediaType.hasSuffix("+json") || mediaType.hasSuffix("+xml")
            || ["application/json", "application/xml", "application/yaml", "application/x-ndjson", "application/toml"].contains(mediaType)
    }

    private static func longestRun(of byte: UInt8, in bytes: [UInt8]) -> Int {
        var (longest, current) = (0, 0)
        for other in bytes {
            current = other == byte ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}

extension String {
    /// Whether there is nothing to read in it.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
