import BatutaCore
@testable import BatutaQueue
import Testing

@Suite struct JobEndingTests {
    private struct Broken: Error {}

    static func job(attempts: Int = 1, of maximum: Int = 3, isCancelling: Bool = false) -> Job {
        Job(
            id: JobID.make(at: Timestamp(milliseconds: 1), random: SystemRandom()),
            tenant: "default",
            queue: "mail",
            kind: "send",
            payload: [:],
            priority: .normal,
            status: .running,
            attempts: attempts,
            maximumAttempts: maximum,
            runAt: Timestamp(milliseconds: 0),
            fence: 1,
            isCancelling: isCancelling,
            createdAt: Timestamp(milliseconds: 0)
        )
    }

    private func ending(_ outcome: Result<JobResult, any Error>, _ interruption: JobInterruption?, attempts: Int = 1) -> JobEnding? {
        JobEnding(
            outcome,
            of: Self.job(attempts: attempts),
            interruption: interruption,
            backoff: JobBackoff(first: .seconds(2), longest: .seconds(60)),
            chance: 1
        ) { "\($0)" }
    }

    @Test func `what is done is done, whatever was wanted meanwhile, unless it is another's`() {
        for interruption in [nil, JobInterruption.cancel, .drain] { #expect(ending(.success(.done), interruption) == .succeeded) }
        #expect(ending(.success(.done), .leaseLost) == nil)
    }

    @Test(arguments: [
        (JobInterruption.cancel, JobEnding.cancelled as JobEnding?), (.drain, .givenBack), (.leaseLost, nil),
    ])
    func `an attempt that was cut ends as its cause wants`(_ cause: JobInterruption, _ expected: JobEnding?) {
        #expect(ending(.failure(CancellationError()), cause) == expected)
        #expect(ending(.failure(Broken()), cause) == expected)
    }

    @Test func `a failure is tried again until its attempts are over`() {
        #expect(ending(.failure(Broken()), nil, attempts: 1) == .retried(after: .seconds(2), error: "Broken()"))
        #expect(ending(.failure(Broken()), nil, attempts: 2) == .retried(after: .seconds(4), error: "Broken()"))
        #expect(ending(.failure(Broken()), nil, attempts: 3) == .dead(.attemptsExhausted, error: "Broken()"))
    }

    @Test func `a handler may say what its failure means`() {
        #expect(ending(.failure(JobFailure.refused("no such address")), nil) == .dead(.refused, error: "no such address"))
        #expect(ending(.failure(JobFailure.later(.seconds(90), "busy")), nil) == .retried(after: .seconds(90), error: "busy"))
        #expect(ending(.failure(JobFailure.later(.seconds(90), "busy")), nil, attempts: 3) == .dead(.attemptsExhausted, error: "busy"))
    }

    @Test func `a kind that nobody knows is tried elsewhere first`() {
        let unknown = UnknownKind(kind: "send")
        #expect(ending(.failure(unknown), nil, attempts: 1) == .retried(after: .seconds(2), error: unknown.description))
        #expect(ending(.failure(unknown), nil, attempts: 3) == .dead(.unknownKind, error: unknown.description))
    }

    @Test(arguments: [
        (1, 0.0, Duration.seconds(1)), (1, 1.0, .seconds(2)), (2, 1.0, .seconds(4)), (5, 1.0, .seconds(32)), (6, 1.0, .seconds(60)),
        (6, 0.0, .seconds(30)), (1_000, 1.0, .seconds(60)), (0, 1.0, .seconds(2)), (1, 7.0, .seconds(2)),
    ])
    func `the wait doubles up to a limit, and half of it is chance`(_ attempts: Int, _ chance: Double, _ expected: Duration) {
        #expect(JobBackoff(first: .seconds(2), longest: .seconds(60)).delay(after: attempts, chance: chance) == expected)
    }

    @Test func `an orphan goes on while it has attempts, unless somebody wants it to end`() {
        #expect(TakeoverVerdict(Self.job(attempts: 2)) == .queued)
        #expect(TakeoverVerdict(Self.job(attempts: 3)) == .dead(.workerLost))
        #expect(TakeoverVerdict(Self.job(attempts: 3, isCancelling: true)) == .cancelled)
    }
}
