import BatutaStorage
import BatutaTesting
import Glibc

/// What the command line says.
struct Orders {
    var folder: String
    /// The last event that the client has.
    var after: Int64 = 0
    var moment: WriteMoment?
    var number = 0
    /// The tool in whose call the process dies, and whether that is after the effect.
    var fatal: (tool: String, isAfter: Bool)?
    /// How uncertain effects are answered; nil leaves them.
    var uncertain: Bool?
    /// Who plays.
    var play = Play.alone

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        guard let folder = rest.popFirst() else { return nil }
        self.folder = folder
        while let option = rest.popFirst() {
            guard let value = rest.popFirst(), take(option, value, &rest) else { return nil }
        }
    }

    private mutating func take(_ option: String, _ value: String, _ rest: inout ArraySlice<String>) -> Bool {
        switch option {
        case "--after": after = Int64(value) ?? 0
        case "--die-before": fatal = (value, false)
        case "--die-after": fatal = (value, true)
        case "--play":
            guard let play = Play(rawValue: value) else { return false }
            self.play = play
        case "--uncertain": uncertain = value == "approve"
        case "--kill":
            guard let moment = WriteMoment(rawValue: value), let number = rest.popFirst().flatMap({ Int($0) }) else { return false }
            self.moment = moment
            self.number = number
        default: return false
        }
        return true
    }

    func disturb(_ database: any Database) -> any Database {
        guard let moment else { return database }
        let number = number
        return DisturbedDatabase(database) { $0 == number ? .act(moment, Self.die) : .commit }
    }

    /// As `kill -9` does: nothing is flushed, nobody is told.
    static func die() {
        kill(getpid(), SIGKILL)
        while true { pause() }
    }
}
