import Testing

@testable import BatutaSimulators

@Suite struct SimulatorParserTests {
    private static func read(_ text: String) -> SimulatorParser.Found { SimulatorParser.request(in: Array(text.utf8)) }

    @Test(arguments: [("Transfer-Encoding: chunked", 411), ("Content-Length: 99999999999", 413), ("Content-Length: -1", 413)])
    func `what the simulator does not take is answered, so that nobody waits`(_ header: String, _ status: Int) {
        guard case .refused(status) = Self.read("POST /v1/chat/completions HTTP/1.1\r\n\(header)\r\n\r\n") else {
            return #expect(Bool(false), "it was not refused")
        }
    }

    @Test func `a request is whole with its last byte, and not before`() {
        let text = "POST /v1/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        guard case .more = Self.read(String(text.dropLast())) else { return #expect(Bool(false), "a byte is missing") }
        guard case .request(let request, let length) = Self.read(text + "POST") else { return #expect(Bool(false), "nothing is missing") }
        #expect(request.body == Array("{}".utf8) && length == text.utf8.count)
    }
}
