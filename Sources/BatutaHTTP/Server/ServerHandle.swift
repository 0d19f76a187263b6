import CBeast

/// Owns the C server: it goes when nothing refers to it any more, however late a task wakes up.
final class ServerHandle: Sendable {
    // SAFETY: every function of the C server takes its own locks.
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { cb_server_destroy(pointer) }
}

/// A loop's thread as the place where handlers run, so that a request needs no other thread (DESIGN §9.12).
final class LoopExecutor: TaskExecutor {
    private let handle: ServerHandle
    private let index: UInt32

    init(_ handle: ServerHandle, loop index: UInt32) {
        self.handle = handle
        self.index = index
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let order = LoopJob(job: UnownedJob(job), executor: self)
        let context = Unmanaged.passRetained(order)
        let run: cb_call = { context in
            guard let context else { return }
            Unmanaged<LoopJob>.fromOpaque(context).takeRetainedValue().run()
        }
        guard cb_loop_enqueue(handle.pointer, index, run, context.toOpaque()) == 0 else { return }
        // The loop has ended; a task that comes back this late ends elsewhere.
        context.release()
        globalConcurrentExecutor.enqueue(order.job)
    }
}

private final class LoopJob: Sendable {
    let job: UnownedJob
    let executor: LoopExecutor

    init(job: UnownedJob, executor: LoopExecutor) {
        self.job = job
        self.executor = executor
    }

    func run() { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
}
