public import BatutaCore

/// The first file of a backup: what the rest is.
public struct BackupManifest: Sendable, Hashable {
    /// The form of the archive that this version writes, and the newest that it reads.
    static let newestFormat = 1

    public var format: Int
    /// The program version that wrote it.
    public var program: String
    public var takenAt: Timestamp
    /// Newest migration by capability.
    public var tables: [String: Int]
    /// Large blobs that the tables name and whose files were gone when it was written.
    public var missingBlobs: [String]

    var bytes: [UInt8] {
        let json: JSON = [
            "format": .int(Int64(format)), "program": .string(program), "taken_at": .string(takenAt.rfc3339),
            "tables": .object(JSONObject(tables.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })),
            "missing_blobs": .array(missingBlobs.map(JSON.string)),
        ]
        return Array((json.text + "\n").utf8)
    }

    init(program: String, takenAt: Timestamp, tables: [String: Int], missingBlobs: [String]) {
        format = Self.newestFormat
        self.program = program
        self.takenAt = takenAt
        self.tables = tables
        self.missingBlobs = missingBlobs
    }

    /// nil when these bytes are no manifest. Of a newer form only what every form has is read.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), let format = json["format"]?.int, format > 0 else { return nil }
        self.format = Int(format)
        program = json["program"]?.string ?? ""
        takenAt = json["taken_at"]?.string.flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(milliseconds: 0)
        tables = (json["tables"]?.object?.members ?? []).reduce(into: [:]) { $0[$1.key] = Int($1.value.int ?? 0) }
        missingBlobs = json["missing_blobs"]?.array?.compactMap(\.string) ?? []
    }
}
