import BatutaHTTP
import Synchronization

/// Runs blocking socket work off the cooperative pool.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        startThread { continuation.resume(with: Result(catching: work)) }
    }
}

import Glibc

private final class ThreadWork: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}

private func startThread(_ work: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadWork(work)).toOpaque()
    pthread_create(
        &thread,
        nil,
        { context in
            if let context { Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().work() }
            return nil
        },
        context
    )
    pthread_detach(thread)
}

/// Serves the routes while the body runs, then drains at once.
func serving<Value: Sendable>(
    _ build: (inout Router) -> Void,
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (HTTPServer, UInt16) async throws -> Value
) async throws -> Value {
    var router = Router()
    build(&router)
    var configuration = HTTPServer.Configuration()
    configure(&configuration)
    let server = try HTTPServer(configuration: configuration, router: router)
    let address = try server.start()
    let result: Result<Value, any Error>
    do { result = .success(try await body(server, address.port)) } catch { result = .failure(error) }
    await server.drain(deadline: .zero)
    return try result.get()
}

/// Something that happens once and that tests wait for.
final class Occurrence: Sendable {
    private let state = Mutex<(isSet: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func set() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiting.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}
