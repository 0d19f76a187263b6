import Glibc

/// The usual `process_*` metrics, read from `/proc` each time somebody asks.
public enum ProcessMetrics {
    /// Registers them; a value that cannot be read keeps its last state.
    public static func register(in registry: MetricsRegistry) {
        let cpu = registry.counter("process_cpu_seconds_total", "CPU time of the process, user and system.")
        let resident = registry.gauge("process_resident_memory_bytes", "Resident memory.")
        let virtual = registry.gauge("process_virtual_memory_bytes", "Virtual memory.")
        let descriptors = registry.gauge("process_open_fds", "Open file descriptors.")
        let maximum = registry.gauge("process_max_fds", "Limit of open file descriptors.")
        let start = registry.gauge("process_start_time_seconds", "Start of the process, seconds since 1970.")
        registry.beforeReading {
            if let reading = ProcessReading.now() {
                cpu.family.update([]) { $0.value = reading.cpuSeconds }
                resident.set(reading.residentBytes)
                virtual.set(reading.virtualBytes)
                start.set(reading.startSeconds)
            }
            if let open = ProcessReading.openDescriptors() { descriptors.set(open) }
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { maximum.set(Double(limit.rlim_cur)) }
        }
    }
}

/// What `/proc/self/stat` says (proc(5)).
struct ProcessReading: Equatable {
    var cpuSeconds: Double
    var residentBytes: Double
    var virtualBytes: Double
    var startSeconds: Double

    static func now() -> ProcessReading? {
        guard let stat = readFile("/proc/self/stat"), let system = readFile("/proc/stat") else { return nil }
        return ProcessReading(stat: stat, system: system, ticks: Double(sysconf(Int32(_SC_CLK_TCK))), page: Double(getpagesize()))
    }

    /// The command in parentheses may hold anything, so fields are counted from the last `)`: the third of the file is the first there.
    init?(stat: String, system: String, ticks: Double, page: Double) {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ").map { Double($0) }
        guard fields.count > 21, let user = fields[11], let kernel = fields[12], let started = fields[19] else { return nil }
        guard let virtual = fields[20], let pages = fields[21], ticks > 0 else { return nil }
        let boot = system.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
        guard let boot else { return nil }
        cpuSeconds = (user + kernel) / ticks
        residentBytes = pages * page
        virtualBytes = virtual
        startSeconds = boot + started / ticks
    }

    static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // One of them is the directory that is being read.
        return Double(count - 1)
    }

    private static func readFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return count == 0 ? String(decoding: content, as: UTF8.self) : nil }
            content.append(contentsOf: chunk[..<count])
        }
    }
}
