import Foundation

/// Runs what blocks on a thread of its own, away from the cooperative pool.
public enum Blocking {
    public static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }
}
