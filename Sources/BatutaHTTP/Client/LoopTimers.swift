/// One moment to be woken at. Belongs to the loop's thread.
final class LoopTimer {
    fileprivate(set) var due: UInt64
    fileprivate var index: Int?
    /// `true`: the moment came; `false`: the loop shuts down first.
    let fire: (Bool) -> Void

    init(due: UInt64, fire: @escaping (Bool) -> Void) {
        self.due = due
        self.fire = fire
    }
}

/// A binary heap of timers, each of which knows its place, so that one that is no longer needed leaves in O(log n): nearly all
/// time-outs are taken away long before they are due.
struct LoopTimers {
    private var heap: [LoopTimer] = []

    var earliest: UInt64? { heap.first?.due }
    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ timer: LoopTimer) {
        guard timer.index == nil else { return }
        timer.index = heap.count
        heap.append(timer)
        rise(from: heap.count - 1)
    }

    /// Gives a timer another moment, whether or not it waits for one now.
    mutating func move(_ timer: LoopTimer, to due: UInt64) {
        remove(timer)
        timer.due = due
        add(timer)
    }

    mutating func remove(_ timer: LoopTimer) {
        guard let index = timer.index else { return }
        timer.index = nil
        let last = heap.removeLast()
        guard last !== timer else { return }
        place(last, at: index)
        rise(from: index)
        sink(from: last.index ?? index)
    }

    /// Takes out the earliest timer if it is due.
    mutating func popDue(at now: UInt64) -> LoopTimer? {
        guard let first = heap.first, first.due <= now else { return nil }
        remove(first)
        return first
    }

    private mutating func place(_ timer: LoopTimer, at index: Int) {
        heap[index] = timer
        timer.index = index
    }

    private mutating func rise(from start: Int) {
        var index = start
        let timer = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard timer.due < heap[parent].due else { break }
            place(heap[parent], at: index)
            index = parent
        }
        place(timer, at: index)
    }

    private mutating func sink(from start: Int) {
        var index = start
        let timer = heap[index]
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].due < heap[child].due { child += 1 }
            guard heap[child].due < timer.due else { break }
            place(heap[child], at: index)
            index = child
        }
        place(timer, at: index)
    }
}
