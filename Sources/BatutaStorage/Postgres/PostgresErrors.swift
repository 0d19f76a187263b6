import CPostgres

/// Why a statement or a connection failed, as PostgreSQL says it.
struct PostgresFailure: Error {
    let error: StorageError
    /// The SQLSTATE, five letters (PostgreSQL, appendix A); empty when the connection broke without a word.
    let state: String
    /// The other end is not who it should be, or does not encrypt as the URL asks for.
    private let isAboutTLS: Bool
    /// The server wants a password, and the URL has none.
    private let lacksPassword: Bool

    init(_ result: OpaquePointer?, doing what: String) {
        let words = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        self.init(state: String(cString: batuta_postgres_state(result)), words: words, doing: what)
    }

    init(state given: String, words: String, doing what: String) {
        // A standby says so with the state of something that it cannot do at all.
        let state = given == "0A000" && words.contains("during recovery") ? "25006" : given
        self.state = state
        isAboutTLS = state.isEmpty && ["certificate", "SSL", "channel binding"].contains { words.contains($0) }
        lacksPassword = state.isEmpty && words.contains("no password supplied")
        let lines = words.split(separator: "\n").map { $0.trimmingSpaces() }.joined(separator: "; ")
        error = StorageError(
            Self.code(state),
            "\(what): \(isAboutTLS ? Self.adviceAboutTLS : lacksPassword ? Self.adviceAboutPassword : Self.advice(state, words))",
            cause: state.isEmpty ? lines : "\(lines), SQLSTATE \(state)"
        )
    }

    /// A statement that is wrong before it leaves.
    init(misuse message: String) {
        state = "42601"
        (isAboutTLS, lacksPassword) = (false, false)
        error = StorageError(.misuse, message)
    }

    /// A server that we do not work with.
    init(refusal message: String) {
        state = "0A000"
        (isAboutTLS, lacksPassword) = (false, false)
        error = StorageError(.migration, message)
    }

    /// The server ended the connection, or it broke.
    var isLoss: Bool { state.isEmpty || state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(state) }

    /// Two transactions stood in each other's way, and this one had to go: the same again will do.
    var isConflict: Bool { state == "40P01" || state == "40001" }

    /// The statement that was compiled no longer fits: its tables changed, or a pooler gave us another server process.
    var isStaleStatement: Bool { state == "26000" || state == "0A000" }

    /// Says nothing about the other members of a group.
    var concernsOneStatement: Bool {
        switch error.code {
        case .constraint, .misuse, .notFound: true
        default: state == "57014" || state == "55P03"
        }
    }

    /// Another attempt at connecting cannot help before somebody changed something.
    var isRefusal: Bool { isAboutTLS || lacksPassword || ["28", "3D", "42", "0A"].contains(state.prefix(2)) }

    private static func code(_ state: String) -> StorageError.Code {
        switch state {
        case "40P01", "40001", "55P03": .busy
        case "57014", "53000", "53200", "53300", "53400": .overloaded
        case "53100": .full
        case "25006", "42501": .readOnly
        case "3D000": .notFound
        case "", "57P01", "57P02", "57P03", "57P05", "25P03": .unavailable
        default: code(class: state.prefix(2))
        }
    }

    private static func code(class letters: Substring) -> StorageError.Code {
        switch letters {
        case "23": .constraint
        case "08", "28": .unavailable
        case "58": .io
        case "XX": .corrupt
        case "53": .overloaded
        default: .misuse
        }
    }

    private static let adviceAboutPassword = "the server wants a password; put it into the URL, after the user and a colon"
    private static let adviceAboutTLS =
        "the server is not the one, or does not encrypt, as the URL asks for; check sslmode, sslrootcert and the host's name"

    private static func advice(_ state: String, _ words: String) -> String {
        switch (state, code(state)) {
        case (_, .unavailable) where state.hasPrefix("28") && words.contains("no encryption"):
            "the server takes no connection without TLS; add sslmode=require to the URL"
        case ("57014", _): "it took longer than the time-out allows; the server may be overloaded"
        case ("53300", _): "the server has no connection left; raise max_connections, or lower --database-pool of each node"
        case ("42501", _): "the user lacks a right; grant it in the database"
        case ("25006", _): "the server takes no writes; give the address of the primary"
        case (_, .unavailable) where state.hasPrefix("28"):
            "the server refuses the user; check name and password in the URL and pg_hba.conf"
        case (_, .busy): "another transaction is in the way; try again"
        case (_, .overloaded): "the server is out of memory or connections; try again later"
        case (_, .full): "the server's disk is full; free some space, writing goes on by itself then"
        case (_, .constraint): "a rule of the table refused the row"
        case (_, .unavailable): "the database server does not answer; check that it runs and can be reached"
        case (_, .notFound): "there is no such database; create it first"
        case (_, .io): "the server's system failed; look at its log"
        case (_, .corrupt): "the server reports an internal error; look at its log, and check its disk"
        default: "the statement is wrong"
        }
    }
}

extension PostgresFailure {
    /// A connection that could not be made. Its text has the SQLSTATE between two colons when the server answered.
    static func connecting(_ connection: OpaquePointer?, to place: String) -> PostgresFailure {
        let words = connection.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "no answer within the time-out"
        let parts = words.split(separator: ":").map { $0.trimmingSpaces() }
        let state = parts.first { part in
            part.utf8.count == 5 && part.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
                && part.contains(where: \.isNumber)
        }
        return PostgresFailure(state: state.map(String.init) ?? "", words: words, doing: "cannot connect to \(place)")
    }
}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> SubSequence {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return rest
    }
}
