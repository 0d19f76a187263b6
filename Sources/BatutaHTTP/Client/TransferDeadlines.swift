/// When one exchange has taken too long. A value without clock: the driver asks it each time its one timer fires.
struct TransferDeadlines: Sendable {
    enum Verdict: Equatable {
        /// Ask again at this moment.
        case wait(until: UInt64)
        case expired(HTTPClientError.Code)
        /// Everything that was wanted is there, and the response did not end by itself.
        case over
    }

    /// How long a response may take to end that has said everything.
    static let farewell = Duration.seconds(1)

    let timeouts: ClientRequest.Timeouts
    /// Monotonic nanoseconds at the first hop; `total` counts from here.
    let began: UInt64
    /// The same for this hop.
    let hopBegan: UInt64
    /// When the response's last byte came, nil before its first.
    var heardAt: UInt64?
    /// When the last came that was wanted.
    var toldAt: UInt64?

    func verdict(at now: UInt64) -> Verdict {
        var due = hopBegan.later(by: timeouts.firstByte)
        var code = HTTPClientError.Code.firstByteTimeout
        if let heardAt {
            due = heardAt.later(by: timeouts.betweenBytes)
            code = .idleTimeout
        }
        if let total = timeouts.total, began.later(by: total) < due {
            due = began.later(by: total)
            code = .totalTimeout
        }
        if let toldAt {
            due = min(due, toldAt.later(by: Self.farewell))
            return now >= due ? .over : .wait(until: due)
        }
        return now >= due ? .expired(code) : .wait(until: due)
    }
}

extension UInt64 {
    /// Nanoseconds plus a duration, held inside the range of the type; a negative duration counts as none.
    func later(by duration: Duration) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(duration.clampedNanoseconds)
        return overflow ? .max : sum
    }
}

extension Duration {
    /// Nanoseconds between 0 and `UInt64.max`.
    var clampedNanoseconds: UInt64 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carried) = whole.addingReportingOverflow(UInt64(parts.attoseconds) / 1_000_000_000)
        return carried ? .max : sum
    }
}
