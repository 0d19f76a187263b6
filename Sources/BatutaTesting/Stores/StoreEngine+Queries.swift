public import BatutaStorage
import Foundation

extension StoreEngine {
    /// A database of a project, empty and of its own, that belongs to a folder.
    public func place(in folder: TemporaryFolder) async throws -> QueryPlace {
        switch self {
        case .sqlite:
            let path = folder.path + "/project.db"
            if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
            return .sqlite(path)
        case .postgres: return .postgres(try await PostgresCluster.shared().configuration(for: folder).url)
        }
    }

    /// The same as a project writes it.
    public func databaseURL(in folder: TemporaryFolder) async throws -> String {
        switch try await place(in: folder) {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let url): url
        }
    }
}
