public import BatutaCore

/// One statement with its values, for a database of a project.
public struct Query: Sendable {
    public var statement: NamedQuery
    /// One for each of the statement's names, in their order.
    public var values: [JSON]
    /// Whether it runs in a transaction that takes no writes; otherwise in one of its own that is committed at its end.
    public var isReadOnly: Bool
    /// For waiting and running together.
    public var timeout: Duration
    public var limits: Limits

    /// What an answer may hold at most.
    public struct Limits: Sendable, Hashable {
        public var rows: Int
        /// Of the values in text.
        public var bytes: Int

        /// A model reads a thousand rows badly already; a mebibyte is what an event may hold.
        public init(rows: Int = 1_000, bytes: Int = 1 << 20) {
            self.rows = rows
            self.bytes = bytes
        }
    }

    public init(_ statement: NamedQuery, values: [JSON], isReadOnly: Bool, timeout: Duration, limits: Limits = Limits()) {
        self.statement = statement
        self.values = values
        self.isReadOnly = isReadOnly
        self.timeout = timeout
        self.limits = limits
    }
}

/// What a database answered.
public struct QueryAnswer: Sendable {
    /// One object per row, in the order of the columns; a column's name that comes again gets a number.
    public var rows: [JSON] = []
    /// Whether the statement returns rows at all.
    public var hasColumns = false
    public var rowsAffected = 0
    /// Whether there was more than the limits allow.
    public var isCut = false
}

/// Why a database did not answer.
public struct QueryFailure: Error, Sendable {
    public enum Reason: Sendable, Hashable {
        /// The server, or the file, cannot be reached.
        case unreachable
        /// The time was over.
        case timeout
        /// The caller stopped it.
        case cancelled
        /// Every connection was busy for the whole time.
        case busy
        /// Another transaction was in the way.
        case conflict
        /// The connection broke while the statement ran.
        case lost
        /// A value is not one that the database takes, or breaks a rule of a table.
        case value
        /// The statement is wrong, or not allowed.
        case statement
        /// The database itself is in trouble: full, out of memory, damaged.
        case server
        /// It was closed: the project changed.
        case closed
    }

    public var reason: Reason
    /// The words of the database, on one line.
    public var words: String
    /// Whether it is certain that the statement changed nothing.
    public var isHarmless: Bool

    init(_ reason: Reason, _ words: String, isHarmless: Bool = true) {
        self.reason = reason
        self.words = words
        self.isHarmless = isHarmless
    }
}

/// Gathers rows up to the limits.
struct QueryRows {
    private let limits: Query.Limits
    private let columns: [String]
    private var bytes = 0
    private(set) var rows: [JSON] = []
    private(set) var isCut = false

    init(columns: [String], limits: Query.Limits) {
        self.columns = Self.unique(columns)
        self.limits = limits
    }

    /// - Parameter size: bytes of the values as the database gave them.
    /// - Returns: whether there is room for more.
    mutating func add(size: Int, _ value: (Int) -> JSON) -> Bool {
        guard rows.count < limits.rows, bytes + size <= limits.bytes else {
            isCut = true
            return false
        }
        bytes += size
        rows.append(.object(JSONObject(columns.enumerated().map { ($0.element, value($0.offset)) })))
        return true
    }

    /// `id`, `id` → `id`, `id_2`.
    private static func unique(_ columns: [String]) -> [String] {
        var taken: Set<String> = []
        return columns.map { name in
            var own = name
            var number = 2
            while !taken.insert(own).inserted {
                own = "\(name)_\(number)"
                number += 1
            }
            return own
        }
    }
}
