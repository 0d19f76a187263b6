import Synchronization

/// Calls that wait until other calls give back what they hold: first come, first served.
///
/// One is woken at a time; whoever was woken wakes the next one when it has what it wanted, or does not want it any more. Who waits holds nothing.
public final class WaitingLine: Sendable {
    /// A moment of a line, taken before looking: what is given back after it is not missed.
    public struct Moment: Sendable {
        let line: WaitingLine
        fileprivate let number: UInt64
    }

    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var moment: UInt64 = 0
        var waiters: [(seat: Int, waiter: Waiter)] = []
        var lastSeat = 0

        mutating func takeFirst() -> Waiter? { waiters.isEmpty ? nil : waiters.removeFirst().waiter }
    }

    private let state = Mutex(State())

    init() {}

    var now: Moment { Moment(line: self, number: state.withLock { $0.moment }) }

    /// How many wait.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Something was given back, or whoever was woken is done: the first may look.
    func tell() {
        let first = state.withLock { state in
            state.moment += 1
            return state.takeFirst()
        }
        first?.resume()
    }

    /// Waits until something was given back since then, or the task is cancelled.
    ///
    /// - Parameter isFirst: Whoever looked in vain keeps its place.
    func wait(since moment: Moment, isFirst: Bool) async {
        let seat = state.withLock { state in
            state.lastSeat += 1
            return state.lastSeat
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, state.moment == moment.number else { return false }
                    state.waiters.insert((seat, waiter), at: isFirst ? 0 : state.waiters.endIndex)
                    return true
                }
                if !waits { waiter.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let place = state.waiters.firstIndex(where: { $0.seat == seat }) else { return nil }
                return state.waiters.remove(at: place).waiter
            }
            waiter?.resume()
        }
    }
}

/// Whether there is room for a call in a budget.
enum Room {
    /// It was set aside.
    case taken
    /// There will be when calls under way on this node cost less than they could.
    case occupied(BudgetRefusal, WaitingLine.Moment)
    case none(BudgetRefusal)
}
