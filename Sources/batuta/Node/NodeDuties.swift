import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaQueue
import BatutaRuns
import BatutaServer
import BatutaStorage

/// What has to be done once in a while for a store, however many nodes work on it: jobs that recur.
enum NodeDuties {
    static let queue = "maintenance"
    /// What these take away is a day old at least, so an hour more or less is nothing.
    private static let period = Duration.seconds(3_600)
    /// A node that has just started has something better to do.
    private static let patience = Duration.seconds(60)

    /// One at a time: each takes its share of the writer.
    static let limits = [
        queue: QueueLimits(slots: 1), FactExtraction.queue: FactExtraction.limits, ScheduleStore.queue: ScheduleFiring.limits,
    ]

    /// What is a month old, and reads all runs: once a day is enough.
    private static let rarePeriod = Duration.seconds(86_400)

    static let drafts: [JobDraft] =
        ["log-compaction", "file-sweep", "sign-in-sweep", "job-pruning", "answer-pruning", "fire-pruning"].map { draft($0, every: period) }
        + [draft("snapshot-pruning", every: rarePeriod)]

    private static func draft(_ kind: String, every period: Duration) -> JobDraft {
        var draft = JobDraft(kind, in: queue)
        draft.delay = patience
        draft.priority = .low
        return draft.recurring(every: period)
    }

    static func handlers(
        database: any Database,
        blobs: BlobStore,
        schedules: ScheduleStore,
        snapshots: SnapshotPruning,
        clock: any ProjectClock
    ) -> [JobHandler] {
        let compaction = LogCompaction(database: database, clock: clock)
        let files = FileStore(database: database, blobs: blobs)
        let signIns = SignInStore(database: database, clock: clock)
        let pruning = JobPruning(database: database)
        let answers = ResponseCacheStore(database: database)
        return [
            // In steps, so that others get at the disk between them.
            JobHandler("log-compaction") { _ in try await compaction.step() ? .again(after: .seconds(1)) : .done },
            // Files that no message named within a day, and the bytes that nothing refers to any more.
            JobHandler("file-sweep") { _ in
                try await files.sweepUnnamed(before: clock.now().advanced(by: .seconds(-86_400)))
                try await blobs.sweep()
                return .done
            },
            JobHandler("sign-in-sweep") { _ in
                try await signIns.sweep()
                return .done
            },
            JobHandler("job-pruning") { _ in try await pruning.step() ? .again(after: .seconds(1)) : .done },
            JobHandler("fire-pruning") { _ in try await schedules.prune(at: clock.now()) ? .again(after: .seconds(1)) : .done },
            JobHandler("snapshot-pruning") { _ in
                try await snapshots.prune()
                return .done
            },
            JobHandler("answer-pruning") { _ in try await answers.prune(at: clock.now()) ? .again(after: .seconds(1)) : .done },
        ]
    }
}
