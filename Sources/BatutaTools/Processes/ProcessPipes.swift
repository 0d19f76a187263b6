import CProcess
import Glibc

/// The three pipes of a process. The ends that stay here never block.
struct ProcessPipes {
    struct Pipe {
        var read: Int32 = -1
        var write: Int32 = -1
    }

    var input = Pipe()
    var output = Pipe()
    var errors = Pipe()

    /// False, with nothing left open, when the system gives no more descriptors.
    mutating func open() -> Bool {
        guard Self.open(&input), Self.open(&output), Self.open(&errors) else {
            closeFarEnds()
            closeNearEnds()
            return false
        }
        for near in [input.write, output.read, errors.read] { _ = fcntl(near, F_SETFL, O_NONBLOCK) }
        return true
    }

    func closeFarEnds() { Self.close([input.read, output.write, errors.write]) }

    func closeNearEnds() { Self.close([input.write, output.read, errors.read]) }

    private static func open(_ pipe: inout Pipe) -> Bool {
        batuta_process_pipe(&pipe.read, &pipe.write)
    }

    private static func close(_ ends: [Int32]) {
        for end in ends where end >= 0 { Glibc.close(end) }
    }
}
