/// The name under which the nodes of one store hear each other where others ring too.
public enum BellChannel {
    /// Made of what only the nodes of a store on PostgreSQL know and all of them agree on: its key of blobs, which a copy has as well, and the database and
    /// schema that it lies in.
    public static func name(in database: any Database, _ blobs: BlobStore) async throws -> String {
        let place = try await database.read {
            try $0.first("SELECT current_database() || '/' || current_schema()") { $0.text(0) } ?? ""
        }
        return "batuta:bell:" + Digest.hex(Array(blobs.hash(of: Array("bell \(place)".utf8)).bytes.prefix(16)))
    }
}
