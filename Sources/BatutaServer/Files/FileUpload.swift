import BatutaCore
import BatutaHTTP
import BatutaStorage

/// One upload on its way to disk: a form with one file in the field `file`, or the bare bytes with a name in the query. Nothing but a piece
/// of it is ever in memory.
final class FileUpload {
    /// Bytes that a file may have (API §4).
    static let largest = 100 << 20
    /// What a form may add around them.
    static let largestFraming = 64 << 10

    private let writer: BlobWriter
    private var form: MultipartParser?
    private var name: String?
    private var mediaType: String?
    private var size = 0
    /// Whether the part that comes is the file.
    private var isInFile = false
    private var hasFile = false

    init(_ request: HTTPRequest, to writer: BlobWriter) throws(Problem) {
        self.writer = writer
        let type = request.headers["Content-Type"] ?? ""
        if let form = MultipartParser(contentType: type) {
            self.form = form
            return
        }
        guard let name = request.query["name"], !name.isEmpty, !type.lowercased().hasPrefix("multipart/") else { throw Self.unsupported }
        (self.name, mediaType, hasFile) = (name, type, true)
    }

    func take(_ bytes: [UInt8]) async throws {
        guard let events = try events(in: bytes) else { return try await write(bytes) }
        for event in events { try await take(event) }
    }

    /// nil when it is no form.
    private func events(in bytes: [UInt8]) throws(Problem) -> [MultipartParser.Event]? {
        do throws(MultipartError) { return try form?.feed(bytes) } catch { throw Self.bad(error) }
    }

    /// What the file is called and is, and its bytes: durable when this returns.
    func finish() async throws -> (name: String, mediaType: String, PreparedBlob) {
        do throws(MultipartError) { try form?.finish() } catch { throw Self.bad(error) }
        guard hasFile else {
            throw Self.bad(Words("The form has no field file.", "O formulário não tem o campo file."), field: "file")
        }
        let name = name ?? ""
        return (name, MediaType.of(mediaType, name: name), try await writer.finish())
    }

    func abandon() async { await writer.abandon() }

    private func take(_ event: MultipartParser.Event) async throws {
        switch event {
        case .part(let part):
            isInFile = part.name == "file"
            guard isInFile else { return }
            guard !hasFile else {
                throw Self.bad(Words("Send one file with each request.", "Envie um arquivo por requisição."), field: "file")
            }
            (name, mediaType, hasFile) = (part.fileName, part.contentType, true)
        case .data(let bytes): if isInFile { try await write(bytes) }
        case .partEnd: isInFile = false
        case .end: break
        }
    }

    private func write(_ bytes: [UInt8]) async throws {
        size += bytes.count
        guard size <= Self.largest else { throw Self.tooLarge }
        try await writer.write(bytes)
    }

    private static let unsupported = Problem(
        .unsupportedMediaType,
        code: "unsupported_upload",
        Words(
            "Send multipart/form-data with the field file, or the file's bytes with ?name=.",
            "Envie multipart/form-data com o campo file, ou os bytes do arquivo com ?name=."
        )
    )
    private static let tooLarge = Problem(
        .contentTooLarge,
        code: "file_too_large",
        Words("A file may have \(largest >> 20) MiB.", "Um arquivo pode ter até \(largest >> 20) MiB.")
    )

    private static func bad(_ error: MultipartError) -> Problem {
        bad(Words("The form cannot be read: ", "Não dá para ler o formulário: ") + error.message + Words(".", "."))
    }

    private static func bad(_ words: Words, field: String? = nil) -> Problem {
        Problem(.badRequest, code: "invalid_form", words, field: field)
    }
}

/// What a file is, as its sender says, else by its name.
enum MediaType {
    static func of(_ given: String?, name: String) -> String {
        let word = (given ?? "").split(separator: ";").first.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } ?? ""
        let isKnown = isType(word) && word != "application/octet-stream" && word != "application/x-www-form-urlencoded"
        if isKnown { return word }
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return byEnding[ending] ?? "application/octet-stream"
    }

    /// RFC 9110 §8.3.1: two tokens, here of a sensible length.
    private static func isType(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 100 && parts.count == 2
            && parts.allSatisfy {
                !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || "!#$&^_.+-".utf8.contains($0) }
            }
    }

    private static let byEnding = [
        "txt": "text/plain", "md": "text/markdown", "csv": "text/csv", "html": "text/html", "json": "application/json",
        "yaml": "application/yaml", "yml": "application/yaml", "xml": "application/xml", "pdf": "application/pdf", "png": "image/png",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml", "mp3": "audio/mpeg",
        "wav": "audio/wav", "mp4": "video/mp4", "zip": "application/zip", "py": "text/x-python", "log": "text/plain",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ]
}
