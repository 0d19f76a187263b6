import BatutaCore
import BatutaStorage

/// Where the store lies: in a file of this machine, which one process serves, or on a PostgreSQL server, which any number of nodes share.
enum StorePlace: Sendable, Hashable {
    case sqlite(path: String)
    case postgres(url: String)

    static let expected = Words(
        "sqlite:PATH or postgres://USER@HOST/DATABASE",
        "sqlite:CAMINHO ou postgres://USUÁRIO@HOST/BANCO"
    )

    init?(_ text: String) {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            self = .postgres(url: text)
            return
        }
        guard text.hasPrefix("sqlite:"), text.count > 7 else { return nil }
        let path = String(text.dropFirst(7))
        self = .sqlite(path: path.contains("/") ? path : "./" + path)
    }

    var isShared: Bool { if case .postgres = self { true } else { false } }

    /// The same for all who mean the same store, without user, password and options.
    var identity: String {
        guard case .postgres(let url) = self, let scheme = url.firstRange(of: "://") else { return "sqlite" }
        let rest = url[scheme.upperBound...].prefix { $0 != "?" }
        return "postgres://" + (rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest[...])
    }

    /// Opens what is there, or makes it.
    /// - Parameters:
    ///   - isVisitor: Another process of this machine has the file open and serves it.
    ///   - pool: Connections for reading, of PostgreSQL.
    ///   - timeout: How long a statement may take, on PostgreSQL.
    func open(
        asVisitor isVisitor: Bool = false,
        pool: ClosedRange<Int> = StorePool.usual,
        timeout: Duration = StorePool.usualTimeout
    ) throws(StorageError) -> any Database {
        switch self {
        case .sqlite(let path):
            try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: isVisitor ? .admin : .owner))
        case .postgres(let url):
            try PostgresDatabase(
                PostgresConfiguration(
                    url: url,
                    minimumReaders: pool.lowerBound,
                    maximumReaders: pool.upperBound,
                    isPooled: Self.leadsToPooler(url),
                    statementTimeout: timeout
                )
            )
        }
    }

    /// The database's own bell; nil where it cannot be heard.
    /// - Parameter direct: A way to the server itself, where the store is reached through a pooler.
    func doorbell(direct: String?) throws(StorageError) -> PostgresDoorbell? {
        guard case .postgres(let url) = self, let audible = direct ?? (Self.leadsToPooler(url) ? nil : url) else { return nil }
        return try PostgresDoorbell(PostgresConfiguration(url: audible))
    }

    /// The pooled addresses of Neon and Supabase say it in their names; for another pooler the URL can say `application_name=pooled`.
    static func leadsToPooler(_ url: String) -> Bool {
        ["-pooler.", ".pooler.supabase.com", ":6543/", "application_name=pooled"].contains { url.contains($0) }
    }
}
