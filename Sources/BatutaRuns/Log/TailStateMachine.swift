/// Who reads on when something was committed, and from where. Pure: the tail performs what the methods return.
///
/// One reading of the store serves every live reader. Bells that ring meanwhile are answered by one more reading.
struct TailStateMachine {
    /// Where the next reading begins: every live reader has what comes before. nil while nobody reads.
    private(set) var position: EventCursor?
    private(set) var readers = 0
    private(set) var isReading = false
    private var hasRung = false

    /// Whether to begin to read now.
    mutating func ring() -> Bool {
        guard readers > 0 else { return false }
        guard !isReading else {
            hasRung = true
            return false
        }
        isReading = true
        return true
    }

    enum Joining: Equatable {
        /// Live from here on; `reads`: begin to read, for what was committed since the reader looked.
        case live(reads: Bool)
        /// The others are ahead: read on alone.
        case behind
    }

    /// A reader has everything up to its cursor, as far as it knows.
    mutating func join(at cursor: EventCursor) -> Joining {
        if let position, cursor < position { return .behind }
        position = position ?? cursor
        readers += 1
        return .live(reads: ring())
    }

    /// A reading under way keeps its place, so that nobody joins it who lacks what came before.
    mutating func leave() {
        readers -= 1
        if readers == 0, !isReading { position = nil }
    }

    /// What was committed up to `end` was found, and goes to the readers that are there now. From here on nobody joins who lacks it.
    mutating func found(to end: EventCursor) { position = position.map { max($0, end) } }

    /// What was found went to the readers. Whether to read on.
    mutating func didDeliver(isLast: Bool) -> Bool {
        isReading = readers > 0 && (!isLast || hasRung)
        hasRung = false
        if readers == 0 { position = nil }
        return isReading
    }
}
