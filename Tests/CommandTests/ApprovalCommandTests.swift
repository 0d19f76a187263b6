import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Deciding from a terminal, with a server beside it.
@Suite(.timeLimit(.minutes(5))) struct ApprovalCommandTests {
    @Test func `what is printed after an approval is what leaves`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        shop.model.enqueue(.call("pay", #"{"amount":5}"#))
        #expect(try await shop.run("run", "pay").code == 4)
        let id = try #require(try await server.send("GET", "/v1/approvals?status=pending")["data"]?[0]?["id"]?.string)
        let approved = try await shop.run("approve", id, "--arguments", #"{"amount":2}"#)
        #expect(approved.code == 0 && approved.out.contains(#"{"amount":2}"#) && !approved.out.contains(#"{"amount":5}"#))
        let again = try await shop.run("approve", id, "--arguments", #"{"amount":3}"#)
        #expect(again.code == 1 && again.error.contains(#"{"amount":2}"#))
        await server.end(SIGTERM)
        shop.model.stop()
    }
}
