/// How much a prompt may hold, and what has to go when it is more. Pure.
///
/// A token is taken for two bytes, as for budgets (DESIGN §9.19): plain text has fewer.
public struct ContextWindow: Sendable, Hashable {
    /// Bytes for turns: what the limit leaves beside instructions and tools.
    public let room: Int

    /// - Parameters:
    ///   - tokens: The limit on the whole prompt.
    ///   - fixed: Bytes of what every prompt of the run holds.
    public init(tokens: Int, fixed: Int) { room = max(0, tokens * Self.bytesPerToken - fixed) }

    public static let bytesPerToken = 2

    /// Bytes that the conversation before a run may take. The rest is the run's own.
    public var historyRoom: Int { room / 2 }

    /// How many of the newest messages are shown whole. When one has to go that is in no summary yet, half of the room is made free at once, so
    /// that the next ones have time.
    ///
    /// - Parameters:
    ///   - sizes: Of the messages that are wanted, oldest first.
    ///   - summed: How many of the oldest may go without a word: they are in a summary.
    public func newest(of sizes: [Int], summed: Int = 0) -> Int {
        let fitting = Self.newest(of: sizes, in: historyRoom)
        return sizes.count - fitting <= summed ? fitting : Self.newest(of: sizes, in: historyRoom / 2)
    }

    private static func newest(of sizes: [Int], in room: Int) -> Int {
        var left = room
        return sizes.reversed().prefix { size in
            left -= size
            return left >= 0
        }.count
    }

    /// The step up to which a run's rounds have to go, so that what is left takes at most half of the room; nil when everything has room, or
    /// nothing is left but the last round.
    ///
    /// - Parameter size: Bytes of the run's own turns and of whatever else the prompt holds.
    public func overflow(of state: RunState, size: Int) -> Int? {
        var left = size
        guard left > room else { return nil }
        var through: Int?
        for round in state.rounds.dropLast() {
            if left <= room / 2 { break }
            left -= round.turns.reduce(0) { $0 + $1.size }
            through = round.step
        }
        return through
    }

    /// The turns with the results of tools cut where they would not fit. What people and models said stays whole.
    public func fitting(_ turns: [ModelTurn], beside taken: Int = 0) -> [ModelTurn] {
        let size = turns.reduce(taken) { $0 + $1.size }
        guard size > room else { return turns }
        let results = turns.compactMap(\.envelopeSize)
        let most = Self.most(of: results, in: room - size + results.reduce(0, +))
        return turns.map { $0.cut(to: most) }
    }

    /// How long each may be so that together they fit: short ones leave room to longer ones.
    private static func most(of sizes: [Int], in room: Int) -> Int {
        var (left, count) = (room, sizes.count)
        for size in sizes.sorted() {
            guard size * count > left else {
                left -= size
                count -= 1
                continue
            }
            return max(shortestCut, left / count)
        }
        return .max
    }

    /// Less says nothing.
    private static let shortestCut = 256
}

extension ModelTurn {
    /// What a turn takes beside its text: names, quotes, an identifier.
    static let frame = 64

    /// About how many bytes it takes in a prompt; never less than its text.
    public var size: Int {
        switch self {
        case .user(let text): Self.frame + text.utf8.count
        case .shown(let text, let files): files.reduce(Self.frame + text.utf8.count) { $0 + $1.promptSize }
        case .assistant(let text, let calls):
            calls.reduce(Self.frame + text.utf8.count) { $0 + Self.frame + $1.tool.utf8.count + $1.arguments.size }
        case .tool(_, _, let envelope): Self.frame + envelope.count
        }
    }

    fileprivate var envelopeSize: Int? {
        guard case .tool(_, _, let envelope) = self else { return nil }
        return envelope.count
    }

    /// A result that is too long is shown from its beginning.
    fileprivate func cut(to most: Int) -> ModelTurn {
        guard case .tool(let id, let tool, let envelope) = self, envelope.count > most else { return self }
        var length = most
        while true {
            let preview = Self.preview(of: envelope, length)
            // Quotes in quotes take twice their room.
            guard preview.count > most, length > 0 else { return .tool(callID: id, tool: tool, envelope: preview) }
            length = max(0, min(length - 32, length * most / preview.count))
        }
    }

    private static func preview(of envelope: [UInt8], _ length: Int) -> [UInt8] {
        var writer = JSONWriter(reserving: length + 64)
        writer.beginObject()
        writer.member("truncated", true)
        writer.member("size", envelope.count)
        writer.member("preview", String(decoding: envelope.prefix(length), as: UTF8.self))
        writer.endObject()
        return writer.finish()
    }
}

extension ModelFile {
    /// About what it counts in a prompt, as bytes of text: a picture is cut down to so many tokens however large it is, a page of a document
    /// takes some thousand, a second of sound or of moving pictures a few dozen to some hundred.
    var promptSize: Int {
        switch kind {
        case .image: 3_200
        case .document, nil: max(6_000, bytes.count / 16)
        case .audio, .video: max(2_000, bytes.count / 64)
        }
    }
}

extension ModelToolCall.Arguments {
    /// About how many bytes they take as text.
    public var size: Int {
        switch self {
        case .valid(let json): json.size
        case .malformed(let text): text.utf8.count
        }
    }
}

extension JSON {
    /// About how many bytes it takes as text.
    fileprivate var size: Int {
        switch self {
        case .null, .bool: 5
        case .number(let number): number.literal.utf8.count
        case .string(let text): text.utf8.count + 2
        case .array(let values): values.reduce(2) { $0 + $1.size + 1 }
        case .object(let object): object.members.reduce(2) { $0 + $1.key.utf8.count + $1.value.size + 4 }
        }
    }
}
