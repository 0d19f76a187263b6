import CProcess
import Glibc

/// A process that is spoken to in lines. It leads a session of its own, so that its end takes its children along.
final class ToolProcess: @unchecked Sendable {
    // SAFETY: everything that changes is touched by the loop's thread only; `send` and `end` hand over to it.
    enum Event: Sendable {
        /// A line of its output.
        case line(LineGathering.Line)
        /// A line of its errors, as far as it is shown.
        case note(String)
        /// The last event.
        case ended(ProcessEnd)
    }

    typealias Listener = @Sendable (Event) -> Void

    /// Bytes that may wait for a process that does not read.
    private static let mostWaiting = 64 << 20
    private static let longestNote = 4_096
    private static let patience = Duration.milliseconds(500)

    private let loop: ProcessLoop
    private let listener: Listener
    private var id: pid_t = 0
    private var watch: Int32 = -1
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var errors: Int32 = -1
    private var outbox: [UInt8] = []
    private var sent = 0
    private var lines: LineGathering
    private var notes = LineGathering(limit: longestNote)
    private var ending: ProcessEnding?
    private var isOver = false

    /// Starts it; that it could not is told as its end. Events come on the loop's thread.
    ///
    /// - Parameter longestLine: bytes of one line of output.
    static func start(_ launch: ProcessLaunch, on loop: ProcessLoop, longestLine: Int, _ listener: @escaping Listener) -> ToolProcess {
        let process = ToolProcess(loop, longestLine, listener)
        loop.perform { process.begin(launch) }
        return process
    }

    private init(_ loop: ProcessLoop, _ longestLine: Int, _ listener: @escaping Listener) {
        self.loop = loop
        self.listener = listener
        lines = LineGathering(limit: longestLine)
    }

    /// Bytes for its input, in order. Dropped when it has ended.
    func send(_ bytes: [UInt8]) {
        loop.perform { [self] in
            guard !isOver, input >= 0 else { return }
            outbox += bytes
            if outbox.count - sent > Self.mostWaiting { return end(.now) }
            write()
        }
    }

    /// Brings it to its end; `ended` tells when it has come to it.
    func end(_ manner: ProcessEnding.Manner) {
        loop.perform { [self] in
            guard !isOver, ending == nil || manner == .now else { return }
            ending = ProcessEnding(manner)
            takeNextStep()
        }
    }

    // MARK: Starting

    private func begin(_ launch: ProcessLaunch) {
        var pipes = ProcessPipes()
        guard pipes.open() else { return over(.notStarted("the system gives no more descriptors")) }
        var at: CChar = 0
        let started = launch.start(input: pipes.input.read, output: pipes.output.write, errors: pipes.errors.write, at: &at)
        pipes.closeFarEnds()
        guard started > 0 else {
            pipes.closeNearEnds()
            return over(Self.end(-started, at, launch))
        }
        id = started
        watch = batuta_process_watch(id)
        (input, output, errors) = (pipes.input.write, pipes.output.read, pipes.errors.read)
        guard watch >= 0 else { return abandon() }
        loop.add(self)
        outbox = launch.preface
        if !outbox.isEmpty { write() }
    }

    private static func end(_ code: Int32, _ at: CChar, _ launch: ProcessLaunch) -> ProcessEnd {
        let reason = String(cString: strerror(code))
        return switch UInt8(bitPattern: at) {
        case UInt8(ascii: "x"): .notRunnable("\(launch.program): \(reason)")
        case UInt8(ascii: "f"): .notRunnable("\(launch.folder ?? ""): \(reason)")
        default: .notStarted(reason)
        }
    }

    /// Nobody could tell its end.
    private func abandon() {
        let reason = String(cString: strerror(-watch))
        kill(-id, SIGKILL)
        var status: Int32 = 0
        for _ in 0..<1_000 where batuta_process_collect(id, &status) == 0 { usleep(1_000) }
        over(.notStarted(reason))
    }

    // MARK: What happens

    var watched: [pollfd] {
        var all: [pollfd] = []
        if watch >= 0 { all.append(pollfd(fd: watch, events: Int16(POLLIN), revents: 0)) }
        if output >= 0 { all.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0)) }
        if errors >= 0 { all.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
        if input >= 0, sent < outbox.count { all.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        return all
    }

    func ready(_ descriptor: Int32) {
        guard !isOver else { return }
        switch descriptor {
        case output: hear()
        case errors: note()
        case input: write()
        case watch: collect()
        default: break
        }
    }

    private func hear() {
        if read(output, { bytes in lines.feed(bytes) { listener(.line($0)) } }) { return }
        if let last = lines.finish() { listener(.line(last)) }
        close(&output)
        // It may be about to end; one that goes on without a voice is of no use.
        loop.ring(after: Self.patience) { [weak self] in self?.end(.now) }
    }

    private func note() {
        if read(errors, { bytes in notes.feed(bytes) { tell($0) } }) { return }
        if let last = notes.finish() { tell(last) }
        close(&errors)
    }

    private func tell(_ line: LineGathering.Line) {
        switch line {
        case .whole(let bytes): if !bytes.isEmpty { listener(.note(String(decoding: bytes, as: UTF8.self))) }
        case .overlong(let head, _, let bytes): listener(.note("\(String(decoding: head, as: UTF8.self))… (\(bytes) bytes)"))
        }
    }

    /// Reads what is there, at most 1 MiB at a time so that others get their turn; false at the end.
    private func read(_ descriptor: Int32, _ take: (UnsafeRawBufferPointer) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            for _ in 0..<16 {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0 { return errno == EAGAIN || errno == EINTR }
                if count == 0 { return false }
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                if count < buffer.count { return true }
            }
            return true
        }
    }

    private func write() {
        while sent < outbox.count {
            let count = outbox.withUnsafeBytes { Glibc.write(input, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            if count < 0 {
                if errno == EINTR { continue }
                // A pipe that nobody reads: its process ends, or has closed its input for good.
                if errno != EAGAIN { close(&input) }
                return
            }
            sent += count
        }
        outbox.removeAll(keepingCapacity: outbox.capacity < 1 << 20)
        sent = 0
    }

    // MARK: The end

    private func takeNextStep() {
        guard !isOver, let (step, pause) = ending?.next() else { return }
        switch step {
        case .closeInput: close(&input)
        case .terminate: kill(-id, SIGTERM)
        case .kill: kill(-id, SIGKILL)
        }
        if let pause { loop.ring(after: pause) { [weak self] in self?.takeNextStep() } }
    }

    /// Its children end with it; while it waits to be collected, its number is nobody else's.
    private func collect() {
        kill(-id, SIGKILL)
        var status: Int32 = 0
        guard batuta_process_collect(id, &status) != 0 else { return }
        if output >= 0 { hear() }
        if errors >= 0 { note() }
        over(status < 0 ? .killed(signal: -status) : .exited(status))
    }

    private func over(_ end: ProcessEnd) {
        isOver = true
        close(&input)
        close(&output)
        close(&errors)
        close(&watch)
        loop.remove(self)
        listener(.ended(end))
    }

    private func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}

extension ProcessLaunch {
    fileprivate func start(input: Int32, output: Int32, errors: Int32, at: inout CChar) -> pid_t {
        CStrings.with([program] + arguments) { arguments in
            CStrings.with(environment.map { "\($0.key)=\($0.value)" }) { environment in
                program.withCString { program in
                    CStrings.withOptional(folder) { folder in
                        var launch = batuta_process_launch(
                            program: program,
                            arguments: arguments,
                            environment: environment,
                            folder: folder,
                            input: input,
                            output: output,
                            errors: errors
                        )
                        return batuta_process_start(&launch, &at)
                    }
                }
            }
        }
    }
}

/// Texts as C wants them.
private enum CStrings {
    static func with<Value>(_ texts: [String], _ work: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Value) -> Value {
        var copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { work(UnsafePointer($0.baseAddress)) }
    }

    static func withOptional<Value>(_ text: String?, _ work: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let text else { return work(nil) }
        return text.withCString { work($0) }
    }
}
