/// The statements that one connection knows, compiled or to be compiled: one per text and combination of kinds of values.
struct PostgresStatements {
    struct Key: Hashable {
        /// The number of a `PreparedSQL`, or -1 beside the text itself.
        let identity: Int
        let text: String
        let kinds: [PostgresKind]

        init(_ sql: SQL, _ kinds: [PostgresKind]) {
            identity = sql.identity
            text = sql.identity >= 0 ? "" : sql.text
            self.kinds = kinds
        }
    }

    struct Statement {
        let name: String
        let text: PostgresText
        var isCompiled = false
    }

    /// Statements that are kept compiled; each costs the server some 20 kB.
    private static let most = 512

    /// Whether the server keeps what was compiled until the next time.
    let areKept: Bool
    private var known: [Key: Statement] = [:]
    /// Goes on after everything was forgotten, so that a name is never used twice.
    private var made = 0

    init(areKept: Bool) { self.areKept = areKept }

    var isFull: Bool { known.count >= Self.most }

    mutating func find(_ key: Key, _ sql: SQL, _ kinds: [PostgresKind]) -> Statement {
        if let statement = known[key] { return statement }
        made += 1
        let statement = Statement(name: "b\(made)", text: PostgresText(sql.text, kinds))
        known[key] = statement
        return statement
    }

    mutating func note(_ key: Key, isCompiled: Bool) { known[key]?.isCompiled = isCompiled }

    mutating func forget() { known = [:] }
}
