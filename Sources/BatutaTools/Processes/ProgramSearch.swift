import Glibc

/// Finds the file of a program by its name, as a shell does.
public enum ProgramSearch {
    /// - Parameters:
    ///   - path: folders with colons between them, as in `PATH`.
    ///   - folder: where names with a slash begin.
    /// - Returns: nil when there is no such program, or it may not be run.
    public static func find(_ name: String, path: String, folder: String? = nil) -> String? {
        if name.contains("/") {
            let file = name.hasPrefix("/") ? name : "\(folder ?? ".")/\(name)"
            return isProgram(file) ? absolute(file) : nil
        }
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first(where: isProgram).map(absolute)
    }

    static func isProgram(_ file: String) -> Bool {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return access(file, X_OK) == 0
    }

    /// Links are not followed: an interpreter in a virtual environment finds that by its own path.
    public static func absolute(_ file: String) -> String {
        guard !file.hasPrefix("/"), let here = getcwd(nil, 0) else { return file }
        defer { free(here) }
        let bare = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        return "\(String(cString: here))/\(bare)"
    }
}
