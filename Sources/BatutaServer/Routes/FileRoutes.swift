import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

/// `/v1/sessions/{id}/files` and `/v1/files`: what people send along, and what tools gave that was too large for an event.
struct FileRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/v1/sessions/{id}/files",
                "Upload a file: a form with the field file, or the bytes with ?name=",
                query: ["name"],
                role: .member,
                streamedBody: FileUpload.largest + FileUpload.largestFraming,
                upload
            ),
            Endpoint(
                .post,
                "/v1/files",
                "Upload a file for a session that does not exist yet; the first message that names it takes it along, within 24 h",
                query: ["name"],
                role: .member,
                streamedBody: FileUpload.largest + FileUpload.largestFraming,
                uploadAhead
            ),
            Endpoint(.get, "/v1/sessions/{id}/files", "Files of a session, newest first", query: ["cursor", "limit"], list),
            Endpoint(.get, "/v1/files/{id}", "Get what is known of a file", get),
            Endpoint(.get, "/v1/files/{id}/content", "The file's bytes", query: ["inline"], content),
            Endpoint(.delete, "/v1/files/{id}", "Delete a file", role: .member, delete),
        ]
    }

    private func upload(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        return try await upload(call, to: session.id, owner: session.owner)
    }

    private func uploadAhead(_ call: Call) async throws -> HTTPResponse { try await upload(call, to: nil, owner: call.principal.id) }

    private func upload(_ call: Call, to session: SessionID?, owner: String) async throws -> HTTPResponse {
        guard let blobs = api.engine.files.blobs else {
            throw Problem(.notImplemented, code: "no_files", Words("This store keeps no files.", "Este armazenamento não guarda arquivos."))
        }
        let upload = try FileUpload(call.request, to: blobs.writer())
        do {
            for try await bytes in call.request.body { try await upload.take(bytes) }
            let (name, mediaType, blob) = try await upload.finish()
            let now = api.clock.now()
            let file = StoredFile(
                id: FileID.make(at: now, random: SystemRandom()),
                session: session,
                owner: owner,
                name: name,
                mediaType: mediaType,
                size: Int64(blob.size),
                hash: blob.hash,
                createdAt: now
            )
            try await api.engine.files.add(NewFile(file, blob))
            return .json(file.json, status: .created)
        } catch {
            await upload.abandon()
            throw error
        }
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        let limit = try call.limit()
        let before = try call.queryID("cursor", FileID.self)?.rawValue
        let files = try await api.engine.files.list(session.id, before: before, limit: limit + 1)
        return .page(files, limit: limit, cursor: \.id.rawValue) { $0.json }
    }

    private func get(_ call: Call) async throws -> HTTPResponse { .json(try await file(call).json) }

    private func delete(_ call: Call) async throws -> HTTPResponse {
        try await api.engine.files.delete(try await file(call).id)
        return HTTPResponse(status: .noContent)
    }

    private func file(_ call: Call) async throws -> StoredFile {
        let id = try call.id("id", FileID.self)
        guard let file = try await api.engine.files.find(id, owner: call.principal.rowOwner) else { throw API.missing(.file, id.rawValue) }
        return file
    }

    // MARK: Content

    private static let chunk = 1 << 20

    private func content(_ call: Call) async throws -> HTTPResponse {
        let file = try await file(call)
        let isInline = try inline(call) && Self.showsInline(file.mediaType)
        let files = api.engine.files
        guard let first = try await files.read(file, at: 0, count: Self.chunk) else { throw API.missing(.file, file.id.rawValue) }
        return HTTPResponse(
            headers: Self.headers(file, isInline: isInline),
            body: .stream(length: Int(file.size)) { writer in
                var (next, offset) = (first, 0)
                while !next.isEmpty {
                    try await writer.write(next)
                    offset += next.count
                    next = try await files.read(file, at: offset, count: Self.chunk) ?? []
                }
            }
        )
    }

    private func inline(_ call: Call) throws -> Bool {
        switch call.request.query["inline"] {
        case nil, "0": false
        case "1": true
        default:
            throw Problem(
                .badRequest,
                code: "invalid_query",
                Words("inline must be 0 or 1.", "inline precisa ser 0 ou 1."),
                field: "inline"
            )
        }
    }

    private static func showsInline(_ type: String) -> Bool {
        type.hasPrefix("image/") || type.hasPrefix("text/") || type == "application/pdf"
    }

    /// Whatever somebody uploaded runs nowhere: text is shown as text, everything in a sandbox, and no type is guessed.
    private static func headers(_ file: StoredFile, isInline: Bool) -> HTTPHeaders {
        var headers: HTTPHeaders = [:]
        headers["Content-Type"] = isInline && file.mediaType.hasPrefix("text/") ? "text/plain; charset=utf-8" : file.mediaType
        headers["Content-Disposition"] = "\(isInline ? "inline" : "attachment"); filename*=UTF-8''\(encoded(file.name))"
        headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return headers
    }

    /// RFC 8187 §3.2.1.
    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95, 126].contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
