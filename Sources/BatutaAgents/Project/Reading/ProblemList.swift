import BatutaCore

/// Gathers the problems of one file while it is read.
struct ProblemList {
    let path: String
    private(set) var problems: [ProjectProblem] = []
    private static let mostHints = 100

    init(path: String) { self.path = path }

    mutating func error(_ line: Int, _ message: String, hint: String? = nil) {
        problems.append(ProjectProblem(path: path, line: line, message: message, hint: hint))
    }

    mutating func warning(_ line: Int, _ message: String, hint: String? = nil) {
        problems.append(ProjectProblem(path: path, line: line, message: message, hint: hint, severity: .warning))
    }

    mutating func add(_ error: YAMLError) { self.error(error.line, error.message) }

    mutating func add(_ other: ProblemList) { problems += other.problems }

    /// A name that is none of the known ones: with the nearest, or all of them.
    mutating func unknown(
        _ what: String,
        _ name: String,
        among known: some Collection<String>,
        line: Int,
        severity: ProjectProblem.Severity = .error
    ) {
        // Looking for near names takes time; a file with this many mistakes is none that somebody wrote.
        let hint = problems.count < Self.mostHints ? Hint.nearest(to: name, among: known) : nil
        problems.append(ProjectProblem(path: path, line: line, message: "unknown \(what) `\(name)`", hint: hint, severity: severity))
    }
}

/// The words that help somebody to correct a name.
enum Hint {
    private static let mostNames = 20

    static func nearest(to name: String, among known: some Collection<String>) -> String? {
        let near = nearestNames(to: name, among: known.sorted(), limit: 2)
        if !near.isEmpty { return "did you mean " + near.map { "`\($0)`" }.joined(separator: " or ") + "?" }
        guard !known.isEmpty else { return nil }
        let listed = known.sorted().prefix(mostNames).map { "`\($0)`" }.joined(separator: ", ")
        return known.count > mostNames ? "known are \(listed) …" : "known: \(listed)"
    }
}
