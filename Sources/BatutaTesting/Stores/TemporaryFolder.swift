import Foundation

/// A folder of its own for one test, removed when the value goes away.
public final class TemporaryFolder: Sendable {
    public let path: String
    private let isKept: Bool

    /// A folder that exists and stays.
    public init(keeping path: String) {
        self.path = path
        isKept = true
    }

    public init() {
        isKept = false
        path = Self.make()
    }

    /// A new folder that nobody removes.
    static func make() -> String {
        var template = Array("/tmp/batuta-test-XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, mkdtemp(base) != nil else { return "/tmp" }
            return String(cString: base)
        }
    }

    deinit {
        guard !isKept, path.hasPrefix("/tmp/batuta-test-") else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
