import Glibc

/// CPU time of this process alone: user and system, all threads, no children.
struct CPUTime {
    let seconds: Double

    static func now() -> CPUTime {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return CPUTime(seconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime))
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// What the kernel says of another process.
struct ProcessStatistics {
    var cpuSeconds: Double
    var residentBytes: Int
    var threads: Int
    /// Without what it has mapped of files, which the kernel takes back when it needs it.
    var ownBytes: Int

    init?(pid: Int32) {
        guard let line = FileText.read("/proc/\(pid)/stat"), let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]), let pages = Int(fields[21]),
            let threads = Int(fields[17])
        else {
            return nil
        }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        self.threads = threads
        let own = FileText.read("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        ownBytes = (own?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
        residentBytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

enum FileText {
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

/// Monotonic seconds.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

extension [Double] {
    /// The value below which this share of the values lies; 0 for an empty list.
    func percentile(_ share: Double) -> Double {
        guard !isEmpty else { return 0 }
        let ordered = sorted()
        return ordered[Swift.min(ordered.count - 1, Int(share * Double(ordered.count)))]
    }

    var median: Double { percentile(0.5) }
}
