import BatutaCore
import BatutaModels
import BatutaRuns

/// What a model is told and shown of the files that come with messages: a line each, the text itself of small ones, and pictures, documents,
/// sound as it can take them, the newest first, as long as there is room.
struct AttachedFiles: Sendable {
    /// Bytes of one picture: Anthropic takes 5 MiB of base64, the others more.
    static let largestImage: Int64 = 3_932_160
    /// Bytes of any other file.
    static let largestFile: Int64 = 10 << 20
    /// Bytes of all files of a prompt: the smallest of the providers' limits on a request is Google's 20 MB, and base64 takes a third more.
    static let mostBytes: Int64 = 12 << 20

    let text: AttachmentText
    /// What the model can see.
    let accepts: Set<ModelFile.Kind>
    private var left = mostBytes

    init(_ text: AttachmentText, accepts: Set<ModelFile.Kind>) {
        self.text = text
        self.accepts = accepts
    }

    /// A user's message as the model sees it.
    mutating func turn(_ content: String, _ attachments: [Attachment]) async throws -> ModelTurn {
        guard !attachments.isEmpty else { return .user(content) }
        var (files, notes): ([ModelFile], [FileID: String]) = ([], [:])
        for attachment in attachments {
            guard let kind = ModelFile.Kind(mediaType: attachment.mediaType) else { continue }
            if let why = refusal(of: attachment, kind) {
                notes[attachment.fileID] = why
            } else if let file = try await read(attachment) {
                left -= attachment.size
                files.append(file)
            }
        }
        let words = try await text.text(content, attachments, notes: notes)
        return files.isEmpty ? .user(words) : .shown(words, files: files)
    }

    /// Why a file is not shown; nil when it is.
    private func refusal(of attachment: Attachment, _ kind: ModelFile.Kind) -> String? {
        guard accepts.contains(kind) else { return "not shown: this model takes no \(kind.plural)" }
        let most = kind == .image ? Self.largestImage : Self.largestFile
        if attachment.size > most { return "not shown: larger than \(most) bytes" }
        return attachment.size > left ? "not shown: there is no room for more files" : nil
    }

    /// nil when its bytes are gone.
    private func read(_ attachment: Attachment) async throws -> ModelFile? {
        guard let file = try await text.files.find(attachment.fileID, owner: nil),
            let bytes = try await text.files.read(file, at: 0, count: Int(attachment.size))
        else { return nil }
        return ModelFile(name: attachment.name, mediaType: attachment.mediaType, bytes: bytes)
    }
}

extension ModelTurn {
    /// What a user said; nil for every other turn.
    var userText: String? {
        switch self {
        case .user(let text), .shown(let text, _): text
        case .assistant, .tool: nil
        }
    }
}

extension ModelFile.Kind {
    fileprivate var plural: String {
        switch self {
        case .image: "images"
        case .document: "PDF documents"
        case .audio: "audio"
        case .video: "video"
        }
    }
}
