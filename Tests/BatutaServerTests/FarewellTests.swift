import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Synchronization
import Testing

/// A stream that ends because the server drains says so; one that ends by itself does not.
@Suite(.timeLimit(.minutes(5))) struct FarewellTests {
    /// The response of a stream, as it comes.
    private final class Reading: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

        func take(_ more: UnsafeRawBufferPointer) -> StreamDecision {
            bytes.withLock { $0 += more }
            return .more
        }

        func wait(for part: String) async throws {
            try await Deadline.look(for: "`\(part)`") { text.contains(part) }
        }
    }

    struct Stream: Sendable {
        var method: String
        var path: String
        var body: JSON?
        /// What is there before the drain.
        var begins: String
        var ending: String
    }

    static let comment = "\n\n: draining; come back with Last-Event-ID\n\n"

    @Test(arguments: [
        Stream(method: "GET", path: "/v1/sessions/SESSION/events", begins: "Let me think", ending: comment),
        Stream(method: "POST", path: "/v1/runs", body: ["content": "hi", "stream": true], begins: "Let me think", ending: comment),
        Stream(method: "GET", path: "/v1/events", begins: "Let me think", ending: comment),
        Stream(
            method: "POST",
            path: "/api/agent/chat/stream",
            body: ["message": "hi"],
            begins: "Let me think",
            ending: "restarting"
        ),
    ])
    func `on a drain the last word of a stream says that it is none`(_ stream: Stream) async throws {
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .hang(after: "Let me think ") }), hasOneDoor: true)
        let session = try await bench.send("POST", "/v1/runs?wait=0", ["content": "hi"]).json["session_id"]?.string ?? ""
        let path = stream.path.replacing("SESSION", with: session)
        let request = bench.request(stream.method, path, stream.body?.bytes)
        let reading = Reading()
        async let head = bench.client.stream(request, onHead: { _ in .more }, onBytes: { reading.take($0) })
        try await reading.wait(for: stream.begins)
        bench.server.beginDrain()
        #expect(try await head.status == 200)
        let last = reading.text.suffix(400)
        guard stream.ending != Self.comment else {
            #expect(last.hasSuffix(stream.ending))
            return await bench.close()
        }
        let line = try JSON.parse(String(last.split(separator: "\n").last ?? ""))
        #expect(line["type"] == "status" && line["content"]?.string?.contains("restarting") == true && line["session_id"] != nil)
        #expect(!reading.text.contains(#""type":"error""#))
        await bench.close()
    }

    @Test func `a stream whose run has ended says nothing of the kind`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Good")]))
        let reading = Reading()
        let request = bench.request("POST", "/v1/runs", JSON.object(["content": "hi", "stream": true]).bytes)
        _ = try await bench.client.stream(request, onHead: { _ in .more }, onBytes: { reading.take($0) })
        #expect(reading.text.contains(#""type":"complete""#) && !reading.text.contains("draining"))
        await bench.close()
    }
}
