import BatutaCore

/// Reads how long a provider wants us to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), or OpenAI's `retry-after-ms`.
enum RetryAfter {
    /// A day: whatever is longer means "not soon" all the same, and must not overflow later sums.
    static let longest = Duration.seconds(86_400)

    /// - Parameters:
    ///   - date: the answer's own `Date`; a wished-for date is counted from it, so that no clock of ours has to be right.
    static func read(seconds: String?, milliseconds: String?, date: String?) -> Duration? {
        if let milliseconds, let value = number(milliseconds) { return bounded(value / 1_000) }
        guard let seconds else { return nil }
        if let value = number(seconds) { return bounded(value) }
        guard let wish = moment(seconds), let now = date.flatMap(moment) else { return nil }
        return bounded(Double(wish - now))
    }

    /// A duration as protocol buffers write it in JSON: `36s`, `0.5s`.
    static func read(protobuf text: String) -> Duration? {
        guard text.last == "s" else { return nil }
        return number(String(text.dropLast())).map(bounded)
    }

    private static func number(_ text: String) -> Double? {
        let figures = text.utf8.drop { $0 == 0x20 }
        guard let first = figures.first, (48...57).contains(first), let value = Double(String(Substring(figures))) else { return nil }
        return value.isFinite ? value : nil
    }

    private static func bounded(_ seconds: Double) -> Duration {
        let day = Double(longest.components.seconds)
        return .milliseconds(Int64((min(max(seconds, 0), day) * 1_000).rounded(.up)))
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may be sent today (RFC 9110 §5.6.7).
    static func moment(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])), words[1].utf8.count == 2,
            words[3].utf8.count == 4
        else { return nil }
        let figure = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(words[3])-\(figure)-\(words[1])T\(words[4])Z").map { $0.milliseconds / 1_000 }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
