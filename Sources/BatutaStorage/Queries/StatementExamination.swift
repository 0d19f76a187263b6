/// Looks at a project's statements as its SQLite file would take them. Nothing runs, and nothing is written: the file is opened for reading.
public struct StatementExamination: ~Copyable {
    /// What the database says of a statement.
    public struct Finding: Sendable, Hashable {
        public var words: String
        /// Within the statement, counted from 1.
        public var line: Int
    }

    private let connection: SQLiteQueryConnection

    /// Blocks for the file.
    ///
    /// - Throws: `unreachable` when there is no such file or it cannot be opened, `server` when it is no database.
    public init(file path: String) throws(QueryFailure) {
        let opened = try SQLiteQueryConnection(path: path, forReading: true)
        try opened.readSchema()
        connection = opened
    }

    /// nil for a statement that the database takes.
    public func finding(on statement: NamedQuery, isReadOnly: Bool) -> Finding? {
        connection.finding(on: statement, isReadOnly: isReadOnly)
    }
}
