import BatutaCore
@testable import BatutaQueue
import BatutaStorage
import BatutaTesting
import Testing

/// What workers, people and crashes do in any order, beside a model of what has to come of it.
@Suite(.timeLimit(.minutes(4))) struct JobModelTests {
    struct Course: Sendable, CustomTestStringConvertible {
        var kind: StoreEngine
        var seed: UInt64

        var testDescription: String { "\(kind), \(seed)" }
    }

    @Test(arguments: StoreEngine.all.flatMap { kind in (1...4).map { Course(kind: kind, seed: $0) } })
    func `whatever the order, a job has one owner, and nobody else writes on it`(_ course: Course) async throws {
        let stand = try await QueueStand(course.kind)
        var play = try await JobPlay(stand, seed: course.seed)
        for step in 0..<120 {
            let name = try await play.act()
            let stored = try await play.stored()
            #expect(stored == play.expected, "step \(step), \(name)")
            guard stored == play.expected else { break }
        }
        #expect(play.claims > 0 && play.staleWrites > 0 && play.takeovers > 0, "the play shows what it is to show")
        await stand.database.close()
    }
}

/// A job as the model knows it.
private struct ModelJob: Equatable {
    var status: JobStatus
    var attempts = 0
    var fence: Int64 = 0
    var isCancelling = false
    var key: String?
}

private struct JobPlay {
    private let stand: QueueStand
    private var random: SmallRandom
    private let nodes = ["nod_a", "nod_b"]
    /// What workers believe to have, also when they are wrong.
    private var held: [Job] = []
    private var expired: Set<JobID> = []
    private(set) var expected: [JobID: ModelJob] = [:]
    private(set) var claims = 0
    private(set) var staleWrites = 0
    private(set) var takeovers = 0

    init(_ stand: QueueStand, seed: UInt64) async throws {
        self.stand = stand
        random = SmallRandom(state: seed)
    }

    func stored() async throws -> [JobID: ModelJob] {
        let jobs = try await stand.jobs.jobs.list(limit: 1_000)
        return Dictionary(
            uniqueKeysWithValues: jobs.map { job in
                let isCancelling = job.isCancelling && job.status == .running
                return (
                    job.id,
                    ModelJob(status: job.status, attempts: job.attempts, fence: job.fence, isCancelling: isCancelling, key: job.uniqueKey)
                )
            }
        )
    }

    mutating func act() async throws -> String {
        switch random.below(10) {
        case 0, 1: return try await enqueue()
        case 2, 3: return try await claim()
        case 4, 5, 6: return try await end()
        case 7: return try await cancel()
        case 8: return try await retry()
        default: return try await crash()
        }
    }

    private func isKeyTaken(_ key: String?) -> Bool { key != nil && expected.values.contains { $0.key == key && !$0.status.isEnded } }

    private mutating func enqueue() async throws -> String {
        var draft = stand.draft()
        draft.uniqueKey = [nil, "a", "b"][random.below(3)]
        let isTaken = isKeyTaken(draft.uniqueKey)
        let id = try await stand.jobs.enqueue(draft)
        #expect((id == nil) == isTaken)
        if let id { expected[id] = ModelJob(status: .queued, key: draft.uniqueKey) }
        return "enqueue"
    }

    private mutating func claim() async throws -> String {
        let count = 1 + random.below(3)
        var batch = WriteBatch(order: "jobs")
        batch.add(
            JobStatements.claim,
            [
                .text(QueueStand.queue), .text("default"), .integer(count), .text(nodes[random.below(2)]), .int(3_600_000),
                .text("default"),
            ]
        )
        let jobs = try #require(try await stand.database.write(batch).results)[0].returned.map(Job.init(_:))
        let waiting = expected.values.count { $0.status == .queued }
        #expect(jobs.count == min(count, waiting))
        for job in jobs {
            #expect(expected[job.id]?.status == .queued)
            expected[job.id]?.status = .running
            expected[job.id]?.attempts += 1
            expected[job.id]?.fence += 1
        }
        held += jobs
        claims += jobs.count
        return "claim"
    }

    private mutating func end() async throws -> String {
        guard !held.isEmpty else { return "nothing to end" }
        // It may be another's long ago, and sometimes a worker says it twice.
        let job = random.below(4) == 0 ? held[random.below(held.count)] : held.remove(at: random.below(held.count))
        let endings: [JobEnding] = [
            .succeeded, .dead(.refused, error: "no"), .cancelled, .retried(after: .zero, error: "no"), .again(after: .zero), .givenBack,
        ]
        let ending = endings[random.below(endings.count)]
        var batch = WriteBatch(order: "jobs")
        let statement = batch.add(ending, of: job, next: stand.jobs.nextID())
        let rows = try #require(try await stand.database.write(batch).results)[statement].rowsAffected
        let isOurs = expected[job.id]?.status == .running && expected[job.id]?.fence == job.fence
        #expect((rows == 1) == isOurs)
        if isOurs { apply(ending, to: job) } else { staleWrites += 1 }
        return "end \(ending.word)"
    }

    private mutating func apply(_ ending: JobEnding, to job: Job) {
        guard var model = expected[job.id] else { return }
        switch ending {
        case .succeeded: model.status = .succeeded
        case .dead: model.status = .dead
        case .cancelled: model.status = .cancelled
        case .retried: model.status = model.isCancelling ? .cancelled : .queued
        case .again:
            model.status = model.isCancelling ? .cancelled : .queued
            model.attempts = 0
        case .givenBack:
            model.status = model.isCancelling ? .cancelled : .queued
            model.attempts = max(job.attempts - 1, 0)
        }
        model.isCancelling = false
        expired.remove(job.id)
        expected[job.id] = model
    }

    private mutating func any() -> JobID? {
        let ids = expected.keys.sorted()
        return ids.isEmpty ? nil : ids[random.below(ids.count)]
    }

    private mutating func cancel() async throws -> String {
        guard let id = any(), let model = expected[id] else { return "nothing to cancel" }
        do {
            _ = try await stand.jobs.cancel(id)
            #expect(!model.status.isEnded)
            if model.status == .running { expected[id]?.isCancelling = true } else { expected[id]?.status = .cancelled }
        } catch let error as QueueError {
            #expect(error.code == .ended && model.status.isEnded)
        }
        return "cancel"
    }

    private mutating func retry() async throws -> String {
        guard let id = any(), let model = expected[id] else { return "nothing to retry" }
        do {
            _ = try await stand.jobs.retry(id)
            #expect(model.status == .dead || model.status == .cancelled)
            expected[id]?.status = .queued
            expected[id]?.attempts = 0
        } catch let error as QueueError {
            let canBe = model.status == .dead || model.status == .cancelled
            #expect(error.code == (canBe ? .duplicate : .notRetriable) && (!canBe || isKeyTaken(model.key)))
        }
        return "retry"
    }

    /// The leases of some jobs are over, and somebody looks around.
    private mutating func crash() async throws -> String {
        var batch = WriteBatch(order: "jobs")
        let running = expected.filter { $0.value.status == .running }.keys.sorted()
        for id in running where random.below(2) == 0 {
            expired.insert(id)
            batch.add("UPDATE jobs SET lease_until = 1 WHERE id = \(id.rawValue)", expecting: 1)
        }
        if !batch.isEmpty { #expect(try await stand.database.write(batch).results != nil) }
        try await stand.workers().look()
        for id in expired {
            guard var model = expected[id], model.status == .running else { continue }
            model.status = model.isCancelling ? .cancelled : model.attempts >= 3 ? .dead : .queued
            model.isCancelling = false
            expected[id] = model
            takeovers += 1
        }
        expired = []
        return "crash"
    }
}

/// The same numbers for the same beginning (SplitMix64, https://prng.di.unimi.it/splitmix64.c).
private struct SmallRandom {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
