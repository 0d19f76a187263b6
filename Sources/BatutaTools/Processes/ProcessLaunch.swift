/// What a process of tools begins with.
public struct ProcessLaunch: Sendable, Hashable {
    /// The program's file, as an absolute path.
    public var program: String
    /// Without the program itself.
    public var arguments: [String]
    /// All that it sees; nothing is inherited.
    public var environment: [String: String]
    /// Where it works; nil is the server's own folder.
    public var folder: String?
    /// What it is told before anything else.
    public var preface: [UInt8]

    public init(program: String, arguments: [String] = [], environment: [String: String], folder: String? = nil, preface: [UInt8] = []) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.preface = preface
    }
}

/// How a process came to its end.
public enum ProcessEnd: Sendable, Hashable {
    /// It never ran: the system has no room for it now.
    case notStarted(String)
    /// It never ran: its program, or its folder, is not there or may not be used.
    case notRunnable(String)
    case exited(Int32)
    case killed(signal: Int32)

    /// As part of a sentence: `ended with code 1`.
    public var words: String {
        switch self {
        case .notStarted(let why), .notRunnable(let why): "could not be started: \(why)"
        case .exited(0): "ended by itself"
        case .exited(let code): "ended with code \(code)"
        case .killed(let signal): "was ended by signal \(signal)"
        }
    }
}
