/// Something wrong in a project's files, told to whoever wrote them.
public struct ProjectProblem: Sendable, Hashable, CustomStringConvertible {
    /// Whether the project can be used all the same.
    public enum Severity: String, Sendable, CaseIterable {
        case error, warning
    }

    /// Relative to the project's folder.
    public var path: String
    /// Counted from 1.
    public var line: Int
    /// What is wrong, in English, without a full stop.
    public var message: String
    /// What to do about it, when that is known.
    public var hint: String?
    public var severity: Severity

    public init(path: String, line: Int, message: String, hint: String? = nil, severity: Severity = .error) {
        self.path = path
        self.line = line
        self.message = message
        self.hint = hint
        self.severity = severity
    }

    /// `agents/x.md:4: what is wrong (hint)`; a warning says so.
    public var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(path):\(line): \(kind)\(message)" + (hint.map { " (\($0))" } ?? "")
    }
}

extension [ProjectProblem] {
    public var errors: [ProjectProblem] { filter { $0.severity == .error } }

    public var warnings: [ProjectProblem] { filter { $0.severity == .warning } }

    /// batuta.yaml first, then by path, then by line; the same problem is told once.
    var inFileOrder: [ProjectProblem] {
        var seen: Set<ProjectProblem> = []
        let unique = filter { seen.insert($0).inserted }
        let ordered = unique.enumerated().sorted { left, right in
            (Self.rank(left.element.path), left.element.path, left.element.line, left.offset)
                < (Self.rank(right.element.path), right.element.path, right.element.line, right.offset)
        }
        return ordered.map(\.element)
    }

    private static func rank(_ path: String) -> Int { path == ProjectLayout.projectFile ? 0 : 1 }
}
