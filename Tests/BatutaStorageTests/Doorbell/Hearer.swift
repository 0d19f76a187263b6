import BatutaStorage
import BatutaTesting

extension StoreBell {
    /// Two nodes that hear each other.
    func pair(_ folder: TemporaryFolder, redis server: RedisServer? = nil) async throws -> (near: Hearer, far: Hearer) {
        let (near, far) = (
            Hearer(try await make(for: folder, redis: try server?.address())),
            Hearer(try await make(for: folder, redis: try server?.address()))
        )
        // Each hears the other begin; with two bells, on both.
        for hearer in [near, far] { try await hearer.ears.wait(for: "the beginning of \(self)") { $0.contains(.everything) } }
        try await hear(from: near, to: far)
        try await hear(from: far, to: near)
        for hearer in [near, far] { hearer.ears.forget() }
        return (near, far)
    }

    /// Rings until it was heard.
    func hear(from one: Hearer, to other: Hearer) async throws {
        try await Deadline.look(for: "a ring of \(self)") {
            one.bell.ring(.session("probe", number: 1, isWanted: false))
            return other.ears.rings.contains { $0.place == "probe" }
        }
    }
}

/// A bell with somebody who listens to it.
struct Hearer: Sendable {
    let bell: any Doorbell
    let ears: BellListener

    init(_ bell: any Doorbell) {
        self.bell = bell
        ears = BellListener(bell)
    }
}

extension BellRing {
    /// The session or the queue.
    var place: String {
        switch self {
        case .session(let session, _, _): session
        case .queue(let name): name
        }
    }
}
