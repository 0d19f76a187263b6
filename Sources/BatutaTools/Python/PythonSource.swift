import CPythonTools

/// `batuta.py`: what Python tools import, and what runs them. It is part of the program, so that the two never differ.
public enum PythonSource {
    /// Where a project keeps a copy, for editors and tests.
    public static let fileName = "batuta.py"

    public static let bytes: [UInt8] = {
        var count = 0
        let start = batuta_python_source(&count)
        return Array(UnsafeBufferPointer(start: start, count: count))
    }()

    /// Reads the program from its input, where the requests follow it.
    private static let start = """
        import os, sys
        def read(left):
            parts = []
            while left:
                part = os.read(0, left)
                if not part: sys.exit(0)
                parts.append(part)
                left -= len(part)
            return b"".join(parts)
        exec(compile(read(int(sys.argv.pop(1))), "batuta.py", "exec"), globals())
        """

    enum Mode: Sendable {
        /// With the time that the import may take.
        case describe(Duration)
        case serve

        fileprivate var words: [String] {
            switch self {
            case .describe(let limit): ["describe", String(limit.components.seconds)]
            case .serve: ["serve", "0"]
            }
        }
    }

    /// How a file of tools is described or served.
    ///
    /// - Parameter folder: holds the file.
    static func launch(
        _ mode: Mode,
        _ file: String,
        in folder: String,
        with interpreter: PythonInterpreter,
        _ surroundings: PythonSurroundings
    ) -> ProcessLaunch {
        ProcessLaunch(
            program: interpreter.path,
            arguments: ["-B", "-u", "-c", start, String(bytes.count)] + mode.words + [folder, file],
            environment: surroundings.environment(of: interpreter),
            folder: surroundings.workingFolder,
            preface: bytes
        )
    }
}

/// What a project's Python code finds around it.
public struct PythonSurroundings: Sendable, Hashable {
    /// The variables that the project names, with their values.
    public var variables: [String: String]
    /// Where relative paths begin: the project's folder.
    public var workingFolder: String?
    /// Its `HOME`: a folder of its own.
    public var home: String?

    public init(variables: [String: String], workingFolder: String? = nil, home: String? = nil) {
        self.variables = variables
        self.workingFolder = workingFolder
        self.home = home
    }

    func environment(of interpreter: PythonInterpreter) -> [String: String] {
        var values = MinimalEnvironment.of(MinimalEnvironment.current)
        values["HOME"] = home ?? values["TMPDIR"] ?? "/tmp"
        values["PYTHONIOENCODING"] = "utf-8"
        if let own = interpreter.virtualEnvironment {
            values["VIRTUAL_ENV"] = own
            values["PATH"] = "\(own)/bin:\(values["PATH"] ?? MinimalEnvironment.usualPath)"
        }
        return values.merging(variables) { _, named in named }
    }
}
