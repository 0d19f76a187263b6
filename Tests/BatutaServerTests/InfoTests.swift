import BatutaCore
import BatutaServer
import BatutaTesting
import Testing

/// What `/v1/info` tells of what an operator should look at.
@Suite(.timeLimit(.minutes(5))) struct InfoTests {
    @Test(arguments: [(Role.viewer, false), (.builder, false), (.admin, true), (.owner, true)])
    func `what others' services say of themselves is for admins`(_ role: Role, tellsWhy: Bool) async throws {
        let bench = try await ServerBench(model: ScriptedModel([]))
        bench.server.status.look(at: { tellsWhy in [Words("docs is down" + (tellsWhy ? ": bad key" : ""), "")] })
        let info = try await bench.send("GET", "/v1/info", key: try await bench.key(role)).json
        #expect(info["problems"]?[0] == .string(tellsWhy ? "docs is down: bad key" : "docs is down"))
        await bench.close()
    }
}
