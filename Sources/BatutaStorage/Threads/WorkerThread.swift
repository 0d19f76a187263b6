import CSQLite
import Glibc

/// A thread of our own for calls that block. It receives no signals: those belong to the main thread.
final class WorkerThread: Sendable {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let thread: pthread_t

    /// - Parameter name: shown by the system's tools; at most 15 bytes.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(StorageError) {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, WorkerThread.start, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw StorageError(
                .io,
                "cannot start the thread '\(name)': raise the limit of processes of this user",
                cause: String(cString: strerror(code))
            )
        }
        self.thread = thread
    }

    /// Runs blocking work on a thread of its own.
    static func run<T: Sendable>(_ name: String, _ body: @escaping @Sendable () throws(StorageError) -> T) async throws(StorageError) -> T {
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            do throws(StorageError) {
                try WorkerThread(name) { continuation.resume(returning: Result(catching: body)) }.detach()
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Waits until the body returned. Once only.
    func join() { pthread_join(thread, nil) }

    /// For a thread that nobody will join.
    func detach() { pthread_detach(thread) }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        batuta_name_thread(work.name)
        work.body()
        return nil
    }
}
