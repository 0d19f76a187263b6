import BatutaCore

/// A request's body, read once, as fast as the reader takes it.
public struct HTTPBody: Sendable, AsyncSequence {
    public typealias Element = [UInt8]

    private let first: [UInt8]
    private let source: Exchange?

    init(bytes: [UInt8], more source: Exchange? = nil) {
        first = bytes
        self.source = source
    }

    /// The whole body when it is here already: always so for inline handlers and for bodies up to 64 KiB.
    public var bytes: [UInt8]? { source == nil ? first : nil }

    /// The whole body. Throws a 413 problem above the limit, 408 when it stalls, 400 when its framing is wrong.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        guard first.count <= limit else { throw Problem.bodyTooLarge }
        guard source != nil else { return first }
        var whole: [UInt8] = []
        for try await part in self {
            guard whole.count + part.count <= limit else { throw Problem.bodyTooLarge }
            whole.append(contentsOf: part)
        }
        return whole
    }

    /// Parts of up to 64 KiB or so, as they come. Nothing is read ahead beyond one part.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pending: first, source: source) }

    /// Reads the parts; a body has one reader.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pending: [UInt8]
        var source: Exchange?

        /// The next part, nil at the end. Throws a problem (400, 408, 413), or `peer_left`.
        public mutating func next() async throws -> [UInt8]? {
            if !pending.isEmpty {
                defer { pending = [] }
                return pending
            }
            guard let source else { return nil }
            let part = try await source.readBody()
            if part.isLast { self.source = nil }
            return part.isLast && part.bytes.isEmpty ? nil : part.bytes
        }
    }
}

extension Problem {
    static let bodyTooLarge = Problem(
        .contentTooLarge,
        code: "body_too_large",
        detail: Words(
            "The request body is larger than this route takes; send less.",
            "O corpo da requisição é maior do que esta rota aceita; envie menos."
        )
    )
    static let bodyTooSlow = Problem(
        .requestTimeout,
        code: "body_too_slow",
        detail: Words(
            "The request body stopped coming; send it again without pauses.",
            "O corpo da requisição parou de chegar; envie de novo, sem pausas."
        )
    )
    static let badFraming = Problem(
        .badRequest,
        code: "bad_framing",
        detail: Words(
            "The request is not well-formed HTTP/1.1; check its line endings, lengths and chunks.",
            "A requisição não é HTTP/1.1 bem-formado; confira quebras de linha, tamanhos e blocos."
        )
    )
}
