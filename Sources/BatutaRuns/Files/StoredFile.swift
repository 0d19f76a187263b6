public import BatutaCore
public import BatutaStorage

/// A file of a session: uploaded by a person, or kept from a tool's answer. One that was uploaded before there is a session waits for the
/// message that names it.
public struct StoredFile: Sendable, Hashable {
    public var id: FileID
    /// nil until a message takes it along.
    public var sessionID: SessionID?
    public var owner: String
    /// The run whose tool gave it; nil for an upload.
    public var runID: RunID?
    public var name: String
    public var mediaType: String
    public var size: Int64
    public var hash: BlobHash
    public var createdAt: Timestamp

    public init(
        id: FileID,
        session: SessionID?,
        owner: String,
        run: RunID? = nil,
        name: String,
        mediaType: String,
        size: Int64,
        hash: BlobHash,
        createdAt: Timestamp
    ) {
        self.id = id
        sessionID = session
        self.owner = owner
        runID = run
        self.name = Self.safe(name)
        self.mediaType = mediaType
        self.size = size
        self.hash = hash
        self.createdAt = createdAt
    }

    /// What stands in the row of a file that no session has yet.
    static let noSession = ""

    public var json: JSON {
        var object: JSONObject = [
            "id": .string(id.rawValue), "session_id": sessionID.map { .string($0.rawValue) } ?? .null, "name": .string(name),
            "media_type": .string(mediaType),
            "size": .int(size), "created_at": .string(createdAt.rfc3339),
        ]
        object["run_id"] = runID.map { .string($0.rawValue) }
        return .object(object)
    }

    public var attachment: Attachment { Attachment(fileID: id, name: name, mediaType: mediaType, size: size) }

    /// The last part of a path, without characters that a terminal or a header would act on, at most 200 bytes.
    static func safe(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var safe = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint && $0.value >= 32 && $0.value != 127 }
            )
        )
        while safe.utf8.count > 200 { safe.removeLast() }
        return safe.isEmpty || safe == "." || safe == ".." ? "file" : safe
    }
}

/// A file with its bytes, on its way into a commit.
public struct NewFile: Sendable {
    public var file: StoredFile
    var blob: PreparedBlob

    public init(_ file: StoredFile, _ blob: PreparedBlob) {
        self.file = file
        self.blob = blob
    }

    /// Adds the row, the bytes and the reference to them.
    func add(to batch: inout WriteBatch, _ blobs: BlobStore?) {
        blobs?.put(blob, owner: file.id.rawValue, into: &batch)
        batch.add(
            Self.insert,
            [
                .text(file.id.rawValue), .text(file.sessionID?.rawValue ?? StoredFile.noSession), .text(file.owner),
                .optional(file.runID?.rawValue),
                .text(file.name),
                .text(file.mediaType), .int(file.size), .blob(file.hash.bytes), .int(file.createdAt.milliseconds),
            ]
        )
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO files (tenant_id, id, session_id, user_id, run_id, name, media_type, size, hash, created_at)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    )
}
