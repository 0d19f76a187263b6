import BatutaCore
import Synchronization

/// A model that talks back by a few rules, so that a whole project can be tried without one. Nothing is left to chance.
///
/// Lines of the user's message say what to do: `call: TOOL {"a": 1}` (several are parallel calls), `say: TEXT`, `think: TEXT`, and
/// `fault: NAME` or `fault: NAME 2` (that many times, then it goes well): `cut`, `silent`, `alive` (comments without end), `left` (the stream
/// stays open), `usage` (says nothing of tokens), `hang`, `drop`, `slow`, `garbage`, `filter`, `length`, or a status such as `429` or `500`. Without such lines a message that names an offered tool calls it, with arguments that follow
/// it as JSON or that its schema wants; what tools answered is told; everything else is said back. Asked what is worth remembering of a message,
/// it finds its lines that begin with `fact:`.
final class SimulatedTalk: Sendable {
    /// The names of faults, the usual statuses among them.
    static let faultNames = [
        "cut", "silent", "alive", "left", "usage", "hang", "drop", "slow", "garbage", "filter", "length", "429", "500",
    ]

    /// How often a message was met with its fault.
    private let faults = Mutex<[String: Int]>([:])

    func reply(to request: SimulatedRequest) -> SimulatedReply {
        let question = SimulatedQuestion(request)
        if let facts = SimulatedFacts.answer(to: question.text) { return .text(facts) }
        let orders = Orders(question.text)
        if let fault = orders.fault, isDue(fault, in: question.text), let reply = Self.reply(to: fault.name, question, orders) {
            return reply
        }
        return Self.answer(question, orders)
    }

    private func isDue(_ fault: Orders.Fault, in text: String) -> Bool {
        guard let times = fault.times else { return true }
        return faults.withLock { faults in
            // What a forgetful client asks about is soon forgotten here too.
            if faults.count > 10_000 { faults = [:] }
            let met = faults[text, default: 0]
            faults[text] = met + 1
            return met < times
        }
    }

    private static func reply(to fault: String, _ question: SimulatedQuestion, _ orders: Orders) -> SimulatedReply? {
        let answer = answer(question, orders)
        switch fault {
        case "cut": return answer.cut(afterEvents: 2)
        case "alive": return answer.alive(afterEvents: 2)
        case "left": return answer.left
        case "usage": return answer.withoutUsage
        case "silent": return answer.silent(afterEvents: 2)
        case "hang": return .hang
        case "drop": return .drop
        case "slow": return answer.spaced(by: .milliseconds(200))
        case "garbage": return .garbage
        case "filter": return .text("I cannot talk about that.", finish: "content_filter")
        case "length": return .text("This goes on and on and", finish: "length")
        case "429": return .rateLimited(retryAfter: "1")
        default:
            guard let status = Int(fault), (400...599).contains(status) else { return nil }
            return .failure(status, "simulated failure \(status)")
        }
    }

    private static func answer(_ question: SimulatedQuestion, _ orders: Orders) -> SimulatedReply {
        let thoughts = orders.thought ?? (question.thinks ? "I read the message and follow my rules." : nil)
        let reply = question.results.isEmpty ? first(question, orders) : told(question, orders)
        return thoughts.map { reply.thinking($0) } ?? reply
    }

    private static func first(_ question: SimulatedQuestion, _ orders: Orders) -> SimulatedReply {
        let calls = orders.calls.isEmpty && orders.words == nil ? named(in: question) : orders.calls
        guard calls.isEmpty else { return .calls(calls) }
        let shown = question.files > 0 ? " (with \(question.files) file\(question.files == 1 ? "" : "s"))" : ""
        return .text(orders.words ?? "You said\(shown): \(question.text)")
    }

    private static func told(_ question: SimulatedQuestion, _ orders: Orders) -> SimulatedReply {
        let lines = question.results.map { "\($0.tool) answered: \($0.text.prefix(400))" }
        return .text(orders.words ?? lines.joined(separator: "\n"))
    }

    /// The first offered tool whose name the message has in it.
    private static func named(in question: SimulatedQuestion) -> [SimulatedReply.Call] {
        let words = Set(question.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.map(String.init))
        guard let tool = question.tools.first(where: { words.contains($0.name) }) else { return [] }
        let written = question.text.firstIndex(of: "{").map { String(question.text[$0...]) }
        let arguments = written.flatMap { (try? JSON.parse($0))?.object.map(JSON.object) } ?? SimulatedArguments.sample(of: tool.schema)
        return [SimulatedReply.Call(tool.name, arguments.text)]
    }
}

extension SimulatedTalk {
    /// The lines of a message that say what to do.
    struct Orders {
        var calls: [SimulatedReply.Call] = []
        var words: String?
        var thought: String?
        var fault: Fault?

        struct Fault {
            var name: String
            /// nil: whenever it is asked.
            var times: Int?
        }

        init(_ text: String) {
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                take(parts[0].filter { !$0.isWhitespace }, String(parts[1].drop(while: \.isWhitespace)))
            }
        }

        private mutating func take(_ order: String, _ rest: String) {
            switch order {
            case "call":
                let name = rest.prefix { !$0.isWhitespace }
                let arguments = rest.dropFirst(name.count).drop(while: \.isWhitespace)
                calls.append(SimulatedReply.Call(String(name), arguments.isEmpty ? "{}" : String(arguments)))
            case "say": words = rest
            case "think": thought = rest
            case "fault":
                let words = rest.split(separator: " ")
                fault = words.first.map { Fault(name: String($0), times: words.count > 1 ? Int(words[1]) : nil) }
            default: break
            }
        }
    }
}

/// Arguments that a schema takes, always the same.
enum SimulatedArguments {
    static func sample(of schema: JSON) -> JSON {
        let required = schema["required"]?.array?.compactMap(\.string) ?? []
        var arguments = JSONObject()
        for name in required { arguments[name] = value(of: schema["properties"]?[name] ?? [:], depth: 0) }
        return .object(arguments)
    }

    private static func value(of schema: JSON, depth: Int) -> JSON {
        if let given = schema["default"] ?? schema["const"] ?? schema["enum"]?.array?.first { return given }
        switch schema["type"]?.string {
        case "integer", "number": return schema["minimum"] ?? 1
        case "boolean": return true
        case "array": return depth < 4 ? .array(schema["items"].map { [value(of: $0, depth: depth + 1)] } ?? []) : []
        case "object": return depth < 4 ? sample(of: schema) : [:]
        default: return text(of: schema)
        }
    }

    private static func text(of schema: JSON) -> JSON {
        switch schema["format"]?.string {
        case "date": "2026-01-19"
        case "date-time": "2026-01-19T18:00:00Z"
        case "time": "18:00"
        case "email": "member@example.com"
        case "uri": "https://example.com/"
        default: schema["pattern"]?.string == "^[0-9]+$" ? "1" : "example"
        }
    }
}
