import BatutaCore
import Glibc

/// The world outside: whatever a tool did is a line in it, and stays.
struct EffectFile: Sendable {
    let path: String
    /// The tool in whose first call the process dies, and whether that is after the effect.
    var fatal: (tool: String, isAfter: Bool)?

    /// `tool key call`, on disk when this returns.
    func add(_ call: ToolCall) {
        if fatal?.tool == call.tool, fatal?.isAfter == false { Orders.die() }
        let line = Array("\(call.tool) \(call.idempotencyKey) \(call.id)\n".utf8)
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { fatalError("the file of effects cannot be opened: \(errno)") }
        guard write(file, line, line.count) == line.count, fsync(file) == 0 else { fatalError("the effect cannot be written: \(errno)") }
        close(file)
        if fatal?.tool == call.tool { Orders.die() }
    }
}
