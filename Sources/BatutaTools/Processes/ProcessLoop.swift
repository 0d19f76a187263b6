import BatutaCore
import CProcess
import Glibc
import Synchronization

/// One thread that starts processes of tools, hears them and talks to them. It lives as long as the program: the kernel ends the processes
/// when the thread that started them ends, so that none outlives a server that was killed.
final class ProcessLoop: @unchecked Sendable {
    // SAFETY: `inbox` is locked and `bell` never changes; everything else is touched by the loop's thread only.
    typealias Work = @Sendable () -> Void

    /// nil where the system gives no thread or descriptor.
    static let shared = ProcessLoop()

    private let inbox = Mutex<[Work]>([])
    private let bell: Int32
    private var processes: [ObjectIdentifier: ToolProcess] = [:]
    private var timers: [(due: Duration, ring: Work)] = []
    private let time = SystemMonotonicTime()

    private init?() {
        bell = batuta_process_bell()
        guard bell >= 0, startThread() else { return nil }
    }

    private func startThread() -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<ProcessLoop>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            context.toOpaque()
        )
        guard status == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    // MARK: From anywhere

    /// Does `work` on the loop's thread, in the order in which it was handed over.
    func perform(_ work: @escaping Work) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    /// Rings on the loop's thread when so much time has passed.
    func alarm(after pause: Duration, _ ring: @escaping Work) { perform { [self] in self.ring(after: pause, ring) } }

    // MARK: On the thread

    func add(_ process: ToolProcess) { processes[ObjectIdentifier(process)] = process }

    func remove(_ process: ToolProcess) { processes[ObjectIdentifier(process)] = nil }

    func ring(after pause: Duration, _ ring: @escaping Work) { timers.append((time.elapsed() + pause, ring)) }

    private func run() {
        batuta_process_thread("batuta-tools")
        while true {
            for work in inbox.withLock({ inbox in exchange(&inbox) }) { work() }
            fireTimers()
            wait()
        }
    }

    private func exchange(_ inbox: inout [Work]) -> [Work] {
        let work = inbox
        inbox.removeAll(keepingCapacity: true)
        return work
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = time.elapsed()
        let due = timers.filter { $0.due <= now }
        timers.removeAll { $0.due <= now }
        for timer in due { timer.ring() }
    }

    private func wait() {
        let watched = processes.values.flatMap { process in process.watched.map { (process, $0) } }
        var descriptors = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)] + watched.map(\.1)
        guard poll(&descriptors, UInt(descriptors.count), pause()) > 0 else { return }
        if descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(bell, &count, 8)
        }
        for (index, (process, _)) in watched.enumerated() where descriptors[index + 1].revents != 0 {
            process.ready(descriptors[index + 1].fd)
        }
    }

    /// Milliseconds to the next timer; without one until something happens.
    private func pause() -> Int32 {
        guard let next = timers.map(\.due).min() else { return -1 }
        return Int32(clamping: max(next - time.elapsed(), .zero).inMilliseconds + 1)
    }
}
