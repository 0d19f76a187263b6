public import BatutaCore
public import BatutaStorage

/// One content that a file of agents/ or prompts/ had from a moment on.
public struct PromptVersion: Sendable, Hashable {
    public var path: String
    /// The first 16 digits of the content's SHA-256; empty where the file was removed.
    public var hash: String
    /// The project's version that it came with.
    public var snapshot: String
    public var at: Timestamp
    /// Characters.
    public var size: Int
    /// The principal who wrote it over the API; nil for a change of the file.
    public var author: String?

    public static func hash(of content: [UInt8]) -> String { String(Digest.hex(Digest.sha256(content)).prefix(16)) }
}

/// Keeps how the files of prompts changed, from one version of the project to the next.
public struct PromptVersions: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// A change that is to be kept.
    struct Change: Sendable {
        var path: String
        var hash: String
        /// nil: the file was removed.
        var content: String?
        var snapshot: String

        /// Another node may have kept it meanwhile.
        func insertion(at now: Timestamp) -> SQL {
            """
            INSERT INTO prompt_versions (tenant_id, path, hash, content, snapshot, at)
            SELECT 'default', CAST(\(path) AS TEXT), CAST(\(hash) AS TEXT), \(content), CAST(\(snapshot) AS TEXT), CAST(\(now) AS BIGINT)
            WHERE COALESCE((SELECT hash FROM prompt_versions WHERE tenant_id = 'default' AND path = \(path) ORDER BY serial DESC LIMIT 1), '-')
                <> \(hash)
            """
        }
    }

    /// What a version of the project changes.
    func changes(in snapshot: ProjectSnapshot) async throws -> [Change] {
        let latest = try await database.read { connection in
            try connection.rows(
                """
                SELECT path, hash FROM prompt_versions WHERE tenant_id = 'default' AND serial IN (
                    SELECT MAX(serial) FROM prompt_versions WHERE tenant_id = 'default' GROUP BY path)
                """
            ) { ($0.text(0), $0.text(1)) }
        }
        let known = Dictionary(latest) { first, _ in first }
        let files = snapshot.files.filter { Self.isPrompt($0.key) }
        var changes = files.sorted { $0.key < $1.key }.compactMap { path, content -> Change? in
            let hash = PromptVersion.hash(of: content)
            guard known[path] != hash else { return nil }
            return Change(path: path, hash: hash, content: String(decoding: content, as: UTF8.self), snapshot: snapshot.hash)
        }
        for (path, hash) in known.sorted(by: { $0.key < $1.key }) where files[path] == nil && !hash.isEmpty {
            changes.append(Change(path: path, hash: "", content: nil, snapshot: snapshot.hash))
        }
        return changes
    }

    static func isPrompt(_ path: String) -> Bool { ["agents", "prompts"].contains(ProjectLayout.folder(of: path)) }

    /// Newest first.
    public func list(_ path: String, limit: Int = 1_000) async throws -> [PromptVersion] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT path, hash, snapshot, at, COALESCE(LENGTH(content), 0), author FROM prompt_versions
                WHERE tenant_id = 'default' AND path = \(path) ORDER BY serial DESC LIMIT \(limit)
                """
            ) { row in
                PromptVersion(
                    path: row.text(0),
                    hash: row.text(1),
                    snapshot: row.text(2),
                    at: Timestamp(milliseconds: row.int(3)),
                    size: Int(row.int(4)),
                    author: row.optionalText(5)
                )
            }
        }
    }

    /// Says who wrote the newest version of a file, when it is this one and nobody was named before.
    public func attribute(_ path: String, hash: String, to author: String) async throws {
        var batch = WriteBatch(order: "project_snapshots")
        batch.add(
            """
            UPDATE prompt_versions SET author = \(author) WHERE tenant_id = 'default' AND hash = \(hash) AND author IS NULL AND serial = (
                SELECT MAX(serial) FROM prompt_versions WHERE tenant_id = 'default' AND path = \(path))
            """
        )
        _ = try await database.write(batch)
    }

    /// When a file became another since a moment, newest first. How it began is no change.
    public func changes(of path: String, since: Timestamp) async throws -> [Timestamp] {
        try await list(path).dropLast().map(\.at).filter { $0 >= since }
    }

    /// How often each file changed, and when last.
    public func summary() async throws -> [String: (count: Int, at: Timestamp)] {
        let rows = try await database.read { connection in
            try connection.rows("SELECT path, COUNT(*), MAX(at) FROM prompt_versions WHERE tenant_id = 'default' GROUP BY path") {
                ($0.text(0), (count: Int($0.int(1)), at: Timestamp(milliseconds: $0.int(2))))
            }
        }
        return Dictionary(rows) { first, _ in first }
    }

    /// What a file was; nil when it never had such a version.
    public func content(_ path: String, hash: String) async throws -> String? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT content FROM prompt_versions
                WHERE tenant_id = 'default' AND path = \(path) AND hash = \(hash) AND content IS NOT NULL ORDER BY serial DESC LIMIT 1
                """
            ) { $0.text(0) }
        }
    }
}
