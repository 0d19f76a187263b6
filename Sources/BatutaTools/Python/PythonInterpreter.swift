import Glibc

/// The interpreter that runs a project's Python tools.
public struct PythonInterpreter: Sendable, Hashable {
    /// The file that is run, as an absolute path.
    public var path: String
    /// Where it was found.
    public var place: Place

    public enum Place: Sendable, Hashable {
        /// `BATUTA_PYTHON` names it.
        case variable
        /// `.venv` in the project's folder.
        case virtualEnvironment
        /// `python3` of the machine.
        case machine
    }

    /// Names an interpreter for every project of a machine, such as a worker's that has no project folder.
    public static let variable = "BATUTA_PYTHON"

    /// Looks in the order of `Place`.
    ///
    /// - Parameters:
    ///   - folder: the project's, where there is one.
    ///   - environment: the server's own.
    /// - Returns: nil when there is no Python.
    public static func find(folder: String?, environment: (String) -> String?) -> PythonInterpreter? {
        let path = environment("PATH") ?? MinimalEnvironment.usualPath
        if let named = environment(variable), !named.isEmpty {
            return ProgramSearch.find(named, path: path).map { PythonInterpreter(path: $0, place: .variable) }
        }
        if let folder, let own = ProgramSearch.find(".venv/bin/python", path: "", folder: folder) {
            return PythonInterpreter(path: own, place: .virtualEnvironment)
        }
        return ProgramSearch.find("python3", path: path).map { PythonInterpreter(path: $0, place: .machine) }
    }

    /// The root of its virtual environment.
    var virtualEnvironment: String? {
        place == .virtualEnvironment ? String(path.dropLast("/bin/python".count)) : nil
    }
}

/// What every process of tools sees, and nothing else of the server's environment.
enum MinimalEnvironment {
    static let usualPath = "/usr/local/bin:/usr/bin:/bin"
    /// Where things are on this machine and how it speaks; nothing that says who may do what.
    private static let shared = ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"]

    static func of(_ environment: (String) -> String?) -> [String: String] {
        var values: [String: String] = ["PATH": usualPath, "LANG": "C.UTF-8"]
        for name in shared { if let value = environment(name), !value.isEmpty { values[name] = value } }
        return values
    }

    /// This process's own.
    static let current: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
}
