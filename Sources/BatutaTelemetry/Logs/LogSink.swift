import Glibc

/// Where finished lines go.
public protocol LogSink: Sendable {
    /// `line` ends in a line feed. Called by any thread.
    func write(_ line: [UInt8])
}

/// Standard error. A line is one `write`, so that lines of several threads and processes do not mix.
public struct StandardErrorSink: LogSink {
    public init() {}

    public func write(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                // Nobody reads the log any more, or nothing can be written: there is no better place to say so.
                guard written > 0 || (written < 0 && errno == EINTR) else { return }
                if written > 0 { rest = rest.dropFirst(written) }
            }
        }
    }
}

/// Keeps lines in memory, for tests and for the last lines of a report.
public final class MemorySink: LogSink {
    private let kept = LockedLines()

    public init() {}

    public func write(_ line: [UInt8]) { kept.append(String(decoding: line, as: UTF8.self)) }

    /// Every line so far, each with its line feed.
    public var lines: [String] { kept.all }
}
