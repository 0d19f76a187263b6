import BatutaCore
import Glibc

/// One client of the simulator: collects a request, then performs the plan of its reply. Used by the loop's thread only.
final class SimulatorConnection {
    let descriptor: Int32
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var steps: ArraySlice<ReplyPlan.Step> = []
    private(set) var wakeAt: UInt64?
    private(set) var isClosed = false
    private var isHanging = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var wantsToWrite: Bool { sent < output.count }
    private var isBusy: Bool { wantsToWrite || !steps.isEmpty || isHanging || wakeAt != nil }

    /// Reads what is there; answers complete requests, one after the other.
    func readable(_ answer: (SimulatedRequest) -> ReplyPlan) {
        let known = input.count
        let room = 64 << 10
        input.append(contentsOf: repeatElement(0, count: room))
        let count = input.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: known), room, Int32(MSG_DONTWAIT)) }
        input.removeLast(room - max(0, count))
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return close() }
        serve(answer)
    }

    /// Takes the next whole request when none is being answered.
    func serve(_ answer: (SimulatedRequest) -> ReplyPlan) {
        while !isBusy, !isClosed {
            switch SimulatorParser.request(in: input) {
            case .more: return
            case .refused(let status): steps = [.send(ReplyPlan.head(status, [("Connection", "close")], length: 0)), .close]
            case .request(let request, let length):
                input.removeFirst(length)
                steps = answer(request).steps[...]
            }
            perform()
        }
    }

    /// A pause is over.
    func wake() {
        wakeAt = nil
        perform()
    }

    func writable() {
        flush()
        if !wantsToWrite { perform() }
    }

    private func perform() {
        while !isClosed, wakeAt == nil, !wantsToWrite, let step = steps.popFirst() {
            switch step {
            case .send(let bytes):
                output = bytes
                sent = 0
                flush()
            case .wait(let time): wait(time)
            case .repeating(let bytes, let pause):
                output = bytes
                sent = 0
                flush()
                wait(pause)
                steps = [step]
            case .close: close()
            case .hang: isHanging = true
            }
        }
    }

    private func wait(_ time: Duration) { wakeAt = SimulatorParser.now() + UInt64(max(0, time.inMilliseconds)) * 1_000_000 }

    private func flush() {
        while sent < output.count {
            let count = output.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { close() }
                return
            }
            sent += count
        }
        output = []
        sent = 0
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = Glibc.close(descriptor)
    }
}

/// Just enough of HTTP/1.1 for requests with `Content-Length`.
enum SimulatorParser {
    enum Found {
        /// The first whole request and how many bytes it took.
        case request(SimulatedRequest, length: Int)
        /// Bytes are missing.
        case more
        /// It is answered with this status: 411 without a length, 413 when it is too long.
        case refused(Int)
    }

    private static let longestBody = 64 << 20

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func request(in input: [UInt8]) -> Found {
        guard let headEnd = endOfHead(input) else { return .more }
        let lines = String(decoding: input[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.append((String(parts.first ?? "").lowercased(), String((parts.count > 1 ? parts[1] : "").drop { $0 == " " })))
        }
        if headers.contains(where: { $0.name == "transfer-encoding" }) { return .refused(411) }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        let bodyStart = headEnd + 4
        guard length >= 0, length <= longestBody else { return .refused(413) }
        guard input.count >= bodyStart + length else { return .more }
        let request = SimulatedRequest(
            method: String(words.first ?? ""),
            path: String(words.count > 1 ? words[1] : ""),
            headers: headers,
            body: Array(input[bodyStart..<bodyStart + length])
        )
        return .request(request, length: bodyStart + length)
    }

    private static func endOfHead(_ input: [UInt8]) -> Int? { ByteSearch.find([13, 10, 13, 10], in: input, from: 0) }
}
