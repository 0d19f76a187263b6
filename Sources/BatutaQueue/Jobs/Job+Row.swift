import BatutaCore
import BatutaStorage

extension Job {
    /// - Parameter row: `JobStatements.columns`, in their order.
    init(_ row: Row) {
        id = JobID(trusted: row.text(0))
        tenant = row.text(1)
        user = row.optionalText(2)
        queue = row.text(3)
        kind = row.text(4)
        payload = (try? JSON.parse(row.text(5))) ?? .null
        uniqueKey = row.optionalText(6)
        priority = JobPriority(rawValue: Int(row.int(7)))
        status = JobStatus(rawValue: row.text(8)) ?? .dead
        attempts = Int(row.int(9))
        maximumAttempts = Int(row.int(10))
        period = row.optionalInt(11).map { .milliseconds($0) }
        runAt = Timestamp(milliseconds: row.int(12))
        fence = row.int(13)
        owner = row.optionalText(14)
        isCancelling = !row.isNull(15)
        reason = row.optionalText(16).flatMap(JobReason.init(rawValue:))
        error = row.optionalText(17)
        createdAt = Timestamp(milliseconds: row.int(18))
        startedAt = row.optionalInt(19).map(Timestamp.init(milliseconds:))
        endedAt = row.optionalInt(20).map(Timestamp.init(milliseconds:))
    }
}
