import BatutaSimulators
import BatutaTesting
import Glibc

/// The model's side, in a process of its own, so that its CPU time is not ours.
enum SimulatorPart {
    static func run() throws {
        let simulator = try ModelSimulator(records: false, checks: false).start()
        print(simulator.port)
        while getchar() != EOF {}
        simulator.stop()
    }
}

/// A simulator that runs beside the measured process.
final class RemoteSimulator {
    let port: Int
    private let process: ChildProcess

    init() throws {
        process = try ChildProcess(part: "simulator")
        guard let port = process.readLine().flatMap({ Int($0) }) else { throw BenchError("the simulator does not start") }
        self.port = port
    }

    var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    func stop() { process.stop() }
}
