public import BatutaCore
import Glibc

/// A request as it reached the simulator.
public struct SimulatedRequest: Sendable {
    public var method: String
    public var path: String
    /// Names in lower case, in the order of the wire.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// The first header of this name (lower case).
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The body as JSON; nil when it is none.
    public var json: JSON? { try? JSON.parse(body) }

    /// In which protocol it asks.
    public var wire: SimulatedProtocol { SimulatedProtocol(path: path) }

    /// `model`, found by looking for the bytes: parsing would cost more than the rest of an answer. Google's stands in the address.
    public var model: String {
        guard path.contains("enerateContent") else { return firstText(of: "model", from: 0) ?? "" }
        return String((path.split(separator: "/").last ?? "").prefix { $0 != ":" })
    }

    /// Whether a stream is asked for.
    public var streams: Bool {
        if path.contains("enerateContent") { return path.contains(":stream") }
        guard let place = value(of: "stream", from: 0) else { return false }
        return place < body.count && body[place] == UInt8(ascii: "t")
    }

    /// Whether a stream of chat completions is to tell what it took (`stream_options.include_usage`).
    var wantsUsage: Bool {
        guard let place = value(of: "include_usage", from: 0) else { return false }
        return place < body.count && body[place] == UInt8(ascii: "t")
    }

    /// The name of the first tool that is offered.
    var firstTool: String? { value(of: "tools", from: 0).flatMap { firstText(of: "name", from: $0) } }

    /// How many tool results there are since the last message of a user.
    var toolResults: Int {
        var count = 0
        var place = 0
        while let found = value(of: "role", from: place) {
            if holds("\"user\"", at: found) { count = 0 }
            if holds("\"tool\"", at: found) { count += 1 }
            place = found
        }
        return count
    }

    private func holds(_ text: StaticString, at place: Int) -> Bool {
        guard place + text.utf8CodeUnitCount <= body.count else { return false }
        return body.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memcmp(base + place, text.utf8Start, text.utf8CodeUnitCount) == 0
        }
    }

    private func firstText(of key: String, from start: Int) -> String? {
        guard let place = value(of: key, from: start), place < body.count, body[place] == UInt8(ascii: "\"") else { return nil }
        let text = body[(place + 1)...].prefix { $0 != UInt8(ascii: "\"") }
        return String(decoding: text, as: UTF8.self)
    }

    /// Where the value of the next member with this key begins. Inside texts the quotes are escaped, so nothing there matches.
    private func value(of key: String, from start: Int) -> Int? {
        let needle = Array("\"\(key)\"".utf8)
        var place = start
        while place < body.count {
            guard let found = find(needle, from: place) else { return nil }
            place = found + needle.count
            var next = place
            while next < body.count, body[next] == 0x20 { next += 1 }
            guard next < body.count, body[next] == UInt8(ascii: ":") else { continue }
            next += 1
            while next < body.count, body[next] == 0x20 { next += 1 }
            return next
        }
        return nil
    }

    private func find(_ needle: [UInt8], from start: Int) -> Int? { ByteSearch.find(needle, in: body, from: start) }
}

/// Where bytes occur in bytes, by memchr and memcmp.
enum ByteSearch {
    static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let first = needle.first else { return nil }
            var place = start
            while place + needle.count <= bytes.count {
                guard let found = memchr(base + place, Int32(first), bytes.count - place) else { return nil }
                place = UnsafeRawPointer(found) - base
                if place + needle.count <= bytes.count, memcmp(base + place, needle, needle.count) == 0 { return place }
                place += 1
            }
            return nil
        }
    }
}
