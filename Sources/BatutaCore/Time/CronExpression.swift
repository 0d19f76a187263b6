/// When something recurs, in the five fields of crontab(5): minute, hour, day of month, month, day of week. Pure.
///
/// Fields take `*`, numbers, names of months and days in English (`JAN`, `mon`), ranges, lists, and steps (`*/15`, `9-17/2`). When both days
/// are given, either will do; a day that begins with `*` is not given, as in Vixie's cron.
public struct CronExpression: Sendable, Hashable {
    /// The text as it was written.
    public let source: String
    let minutes: CronField
    let hours: CronField
    let days: CronField
    let months: CronField
    let weekdays: CronField

    public init(_ source: String) throws(CronError) {
        self.source = source
        let words = source.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count == 5 else { throw CronError.count(words) }
        minutes = try CronField(words[0], .minute)
        hours = try CronField(words[1], .hour)
        days = try CronField(words[2], .day)
        months = try CronField(words[3], .month)
        weekdays = try CronField(words[4], .weekday)
        guard canFire else { throw CronError.never }
    }

    /// The first moment after another at which it fires; nil when there is none within 50 years.
    ///
    /// A local time that a change of the clock leaves out fires at the first instant after the gap; one that comes twice fires the first time.
    public func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        let local = LocalMinute(moment, in: zone)
        var day = local.day
        var minute = local.minuteOfDay + 1
        for _ in 0..<Self.mostDays {
            let civil = Timestamp.civil(fromDays: day)
            if isDay(day, civil.month, civil.day) {
                while let found = next(from: minute) {
                    let instant = LocalMinute(day: day, minuteOfDay: found).instant(in: zone)
                    if instant > moment { return instant }
                    minute = found + 1
                }
            }
            minute = 0
            day += 1
        }
        return nil
    }

    /// 29 February falls on each day of the week within 40 years, also where 2100 leaves it out.
    private static let mostDays = 50 * 366

    private func isDay(_ number: Int, _ month: Int, _ day: Int) -> Bool {
        guard months.holds(month) else { return false }
        // 1 January 1970 was a Thursday.
        let weekday = ((number + 4) % 7 + 7) % 7
        let (fits, fitsWeek) = (days.holds(day), weekdays.holds(weekday))
        return days.isOpen || weekdays.isOpen ? fits && fitsWeek : fits || fitsWeek
    }

    /// The first minute of a day at which it fires, from another on.
    private func next(from minute: Int) -> Int? {
        guard minute < 1_440 else { return nil }
        if hours.holds(minute / 60), let found = minutes.first(from: minute % 60) { return minute / 60 * 60 + found }
        guard let hour = hours.first(from: minute / 60 + 1), let found = minutes.first(from: 0) else { return nil }
        return hour * 60 + found
    }

    /// Whether some day of the calendar fits: never does 30 February.
    private var canFire: Bool {
        if !weekdays.isOpen, !days.isOpen { return true }
        return (1...12).contains { month in
            let longest = month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31
            return months.holds(month) && days.first(from: 1).map { $0 <= longest } ?? false
        }
    }
}

/// Why a text is no cron expression.
public struct CronError: Error, Sendable, Hashable {
    public var message: Words
    public var hint: Words?
}

extension CronError {
    static func count(_ words: [String]) -> CronError {
        if let word = words.first, words.count == 1, let fields = nicknames[word.lowercased()] {
            let message = Words("`\(word)` is no cron expression of five fields", "`\(word)` não é uma expressão cron de cinco campos")
            return CronError(message: message, hint: Words("write \"\(fields)\"", "escreva \"\(fields)\""))
        }
        let found = words.count == 1 ? Words("1 field", "1 campo") : Words("\(words.count) fields", "\(words.count) campos")
        let message = Words(
            "a cron expression has five fields, this one has \(found.english)",
            "uma expressão cron tem cinco campos, e esta tem \(found.portuguese)"
        )
        let hint = Words(
            "minute, hour, day of month, month, day of week, such as \"0 18 * * *\"",
            "minuto, hora, dia do mês, mês, dia da semana, como \"0 18 * * *\""
        )
        return CronError(message: message, hint: hint)
    }

    static let never = CronError(
        message: Words("it never fires: no month has that day", "nunca dispara: nenhum mês tem esse dia"),
        hint: nil
    )

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
}
