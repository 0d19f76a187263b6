public import BatutaCore
import BatutaStorage

/// What makes two questions to a model the same: a digest of everything that the model is told and of who may share the answer.
///
/// Who asks, the agent, the model with its parameters and where it is asked, instructions, tools and what they do, schema and all turns are in it, each with its length in front, so no two questions run into one. Identifiers of calls are counted, since those are new in
/// every run; what providers want back of earlier answers is not shared by anybody, so such a question has no key.
public struct ResponseCacheKey: Sendable, Hashable {
    // Four numbers and no vector: whoever waits with a key has it in the frame of its task, which is aligned to 16 bytes and no more.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Larger questions are not kept: hashing them would take longer than a loop may be held up (DESIGN §9.12).
    public static let longest = 128 * 1_024

    /// Who shares an answer.
    public struct Scope: Sendable, Hashable {
        public var user: String
        /// Where the model is asked: another server may have another model under the same name.
        public var place: String
        /// What the agent's tools do, beside what the model is told of them: an answer may ask for what only reads.
        public var effects: String

        public init(user: String, place: String, effects: String) {
            self.user = user
            self.place = place
            self.effects = effects
        }
    }

    /// - Returns: nil for a question that cannot be asked by another run.
    public init?(_ request: ModelRequest, in scope: Scope) {
        guard request.opaque.isEmpty else { return nil }
        var bytes = QuestionBytes()
        bytes.add(scope)
        bytes.add(request, turns: request.turns)
        self.init(digestOf: bytes.bytes)
    }

    init(digestOf bytes: [UInt8]) { self.init(bytes: Digest.sha256(bytes)) }

    /// What `bytes` gave; what is missing is 0.
    init(bytes: [UInt8]) {
        func word(_ index: Int) -> UInt64 {
            guard bytes.count >= index * 8 + 8 else { return 0 }
            return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
        }
        (first, second, third, fourth) = (word(0), word(1), word(2), word(3))
    }

    /// 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [first, second, third, fourth] { withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) } }
        return bytes
    }
}

/// A question as one run of bytes, the same for the same question.
struct QuestionBytes {
    private(set) var bytes: [UInt8] = []
    private var calls: [CallID: Int] = [:]

    /// Raised when the bytes of a question become others.
    private static let form: UInt8 = 2

    init() {
        bytes.reserveCapacity(4_096)
        bytes.append(Self.form)
    }

    /// Begins a digest of what many questions have in common.
    mutating func add(maker: String, width: Int) {
        add("near")
        add(maker)
        add(width)
    }

    mutating func add(_ scope: ResponseCacheKey.Scope) {
        add("default")
        add(scope.user)
        add(scope.place)
        add(scope.effects)
    }

    mutating func add(_ request: ModelRequest, turns: [ModelTurn]) {
        add(request.settings)
        add(request.agent)
        add(request.language ?? "")
        add(request.system)
        add(request.output?.bytes ?? [])
        add(request.tools.count)
        for tool in request.tools {
            add(tool.name)
            add(tool.description)
            add(tool.parameters)
        }
        add(turns.count)
        for turn in turns { add(turn) }
    }

    private mutating func add(_ settings: ModelSettings) {
        add(settings.provider)
        add(settings.model)
        add(settings.temperature.map { Int(truncatingIfNeeded: $0.bitPattern) } ?? -1)
        add(settings.maxOutputTokens)
        add(settings.reasoning?.rawValue ?? "")
        add(settings.extra.isEmpty ? [] : JSON.object(settings.extra).canonicalBytes)
    }

    private mutating func add(_ turn: ModelTurn) {
        switch turn {
        case .user(let text):
            bytes.append(1)
            add(text)
        case .shown(let text, let files):
            bytes.append(2)
            add(text)
            add(files.count)
            for file in files {
                add(file.name)
                add(file.mediaType)
                add(file.bytes)
            }
        case .assistant(let text, let asked):
            bytes.append(3)
            add(text)
            add(asked.count)
            for call in asked { add(call) }
        case .tool(let call, let tool, let envelope):
            bytes.append(4)
            add(number(of: call))
            add(tool)
            add(envelope)
        }
    }

    private mutating func add(_ call: ModelToolCall) {
        add(number(of: call.id))
        add(call.tool)
        switch call.arguments {
        case .valid(let json):
            bytes.append(1)
            add(json.canonicalBytes)
        case .malformed(let text):
            bytes.append(2)
            add(text)
        }
    }

    private mutating func number(of call: CallID) -> Int {
        if let number = calls[call] { return number }
        calls[call] = calls.count
        return calls.count - 1
    }

    private mutating func add(_ text: String) {
        add(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func add(_ part: [UInt8]) {
        add(part.count)
        bytes.append(contentsOf: part)
    }

    private mutating func add(_ number: Int) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
