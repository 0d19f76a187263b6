import BatutaCore
import BatutaStorage

/// What `doctor` says of the servers that several nodes share.
extension Diagnosis {
    static func sharedServers(_ settings: NodeSettings) async throws -> [Diagnosis] {
        guard case .postgres(let url) = settings.store else { return [] }
        var found = [await postgres(url, hasDirectWay: settings.directDatabase != nil)]
        if let address = try settings.redisAddress() { found.append(redis(address)) }
        return found
    }

    private static func postgres(_ url: String, hasDirectWay: Bool) async -> Diagnosis {
        do throws(StorageError) {
            let isPooled = StorePlace.leadsToPooler(url)
            let version = try await postgresVersion(PostgresConfiguration(url: url, isPooled: isPooled))
            let isDeaf = isPooled && !hasDirectWay
            let purpose = Words("the store of all nodes", "o armazenamento de todos os nós") + (isDeaf ? Self.isDeaf : .none)
            return Diagnosis(name: "PostgreSQL", isFound: true, version: version, isRequired: true, purpose: purpose)
        } catch {
            let words = Words(StorageWords.text(error, .english), StorageWords.text(error, .portuguese))
            return Diagnosis(name: "PostgreSQL", isFound: false, version: "-", isRequired: true, purpose: words)
        }
    }

    private static let isDeaf = Words(
        "; through a pooler, so nodes look for news once a second: --database-direct lets them hear at once",
        "; por um pooler, então os nós procuram novidades uma vez por segundo: com --database-direct ouvem na hora"
    )

    private static func postgresVersion(_ configuration: PostgresConfiguration) async throws(StorageError) -> String {
        let database = try PostgresDatabase(configuration)
        let answer: Result<String, any Error>
        do {
            answer = .success(try await database.read { try $0.first("SHOW server_version") { $0.text(0) } ?? "?" })
        } catch {
            answer = .failure(error)
        }
        await database.close()
        switch answer {
        case .success(let version): return String(version.prefix { $0 != " " })
        case .failure(let error as StorageError): throw error
        case .failure(let error): throw StorageError(.io, "\(error)")
        }
    }

    private static func redis(_ address: RedisAddress) -> Diagnosis {
        let purpose = Words("lets nodes hear each other sooner", "faz os nós se ouvirem mais depressa")
        do throws(RedisFailure) {
            return Diagnosis(name: "Redis", isFound: true, version: try RedisProbe.version(address), isRequired: false, purpose: purpose)
        } catch {
            return Diagnosis(name: "Redis", isFound: false, version: "-", isRequired: false, purpose: error.words)
        }
    }
}
