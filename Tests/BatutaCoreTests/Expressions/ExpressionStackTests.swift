import BatutaCore
import Glibc
import Synchronization
import Testing

/// Expressions run on whatever thread asks, so the deepest one that is accepted must fit a small stack.
@Suite struct ExpressionStackTests {
    static let deepest = [
        String(repeating: "(", count: 63) + "1" + String(repeating: ")", count: 63),
        String(repeating: "1 + 2 * -(", count: 31) + "1" + String(repeating: ")", count: 31),
        String(repeating: "[1].map(x, ", count: 62) + "1" + String(repeating: ")", count: 62),
        String(repeating: "{'a':", count: 62) + "1" + String(repeating: "}", count: 62),
        String(repeating: "true ? (1 + 2 * size([", count: 15) + "1" + String(repeating: "])) : 0", count: 15),
        "1" + String(repeating: " + 1", count: 126), "xs" + String(repeating: ".map(x, x)", count: 98),
        "text" + String(repeating: ".trim()", count: 126),
    ]

    @Test(arguments: deepest) func `the deepest expressions fit a megabyte of stack, even without optimisation`(source: String) throws {
        let work = Work(source)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 1 << 20)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(work).toOpaque()
        let started = pthread_create(
            &thread,
            &attributes,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            context
        )
        try #require(started == 0)
        pthread_join(thread, nil)
        #expect(work.succeeded)
    }

    private final class Work: Sendable {
        private let source: String
        private let outcome = Mutex(false)

        init(_ source: String) { self.source = source }

        var succeeded: Bool { outcome.withLock { $0 } }

        func run() {
            let scope = ExpressionScope(["xs": [1], "text": "a"])
            let value = try? Expression(source).evaluate(in: scope)
            outcome.withLock { $0 = value != nil }
        }
    }
}
