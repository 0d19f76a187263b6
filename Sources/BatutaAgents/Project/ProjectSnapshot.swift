import BatutaCore
import BatutaStorage

/// The files of a project under the hash of their content (DESIGN §9.18): what a run is pinned to, and what any node can load it from.
///
/// Holds no secrets: never `.env`, and a key that somebody wrote into a file is masked.
public struct ProjectSnapshot: Sendable, Hashable {
    /// Lower-case hexadecimal SHA-256 of `bytes`.
    public let hash: String
    /// Canonical JSON: `{"files":{"agents/x.md":"…"},"version":1}`.
    public let bytes: [UInt8]

    /// - Parameter masking: texts that are replaced by `•••` wherever they stand.
    init(files: [String: [UInt8]], masking secrets: [String] = []) {
        var members = JSONObject()
        for (path, content) in files.sorted(by: { $0.key < $1.key }) where ProjectLayout.isProjectFile(path) {
            members[path] = .string(Self.masked(String(decoding: content, as: UTF8.self), secrets))
        }
        let json: JSON = ["version": 1, "files": .object(members)]
        bytes = json.canonicalBytes
        hash = Digest.hex(Digest.sha256(bytes))
    }

    /// Reads what was stored; nil when it is not a snapshot.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes, limits: Self.limits), json["version"] == 1, let files = json["files"]?.object,
            files.allSatisfy({ $0.value.string != nil })
        else { return nil }
        self.bytes = json.canonicalBytes
        hash = Digest.hex(Digest.sha256(self.bytes))
    }

    /// The files by their paths.
    public var files: [String: [UInt8]] {
        guard let json = try? JSON.parse(bytes, limits: Self.limits), let files = json["files"]?.object else { return [:] }
        return Dictionary(files.map { ($0.key, Array(($0.value.string ?? "").utf8)) }) { first, _ in first }
    }

    /// The project again, without its folder.
    public func load(name: String = "project") -> ProjectLoad { Project.load(files: files, name: name) }

    private static func masked(_ text: String, _ secrets: [String]) -> String {
        secrets.filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "•••") }
    }

    /// A project has at most `ProjectFolder.largestProject` bytes; as JSON text they may take more.
    private static let limits = JSONLimits(bytes: 64 << 20)
}
