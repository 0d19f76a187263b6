public import BatutaCore

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
    /// What is wrong, without a full stop.
    public var message: Words
    /// What to do about it, when that is known.
    public var hint: Words?
    public var severity: Severity

    public init(path: String, line: Int, message: Words, hint: Words? = nil, severity: Severity = .error) {
        self.path = path
        self.line = line
        self.message = message
        self.hint = hint
        self.severity = severity
    }

    /// `agents/x.md:4: what is wrong (hint)`; a warning says so.
    public func text(_ language: Language) -> String {
        let kind = severity == .warning ? Words("warning: ", "aviso: ") : .none
        return "\(path):\(line): \((kind + message)(language))" + (hint.map { " (\($0(language)))" } ?? "")
    }

    /// For logs, which are in English.
    public var description: String { text(.english) }
}

extension [ProjectProblem] {
    public var errors: [ProjectProblem] { filter { $0.severity == .error } }

    public var warnings: [ProjectProblem] { filter { $0.severity == .warning } }

    /// As they are printed, one a line.
    public func report(_ language: Language) -> String { map { $0.text(language) + "\n" }.joined() }

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
