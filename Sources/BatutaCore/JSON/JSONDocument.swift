import CSimdjson

/// Reads a document without making a tree: for hot paths such as the chunks of a model's stream.
public enum JSONDocument {
    /// Reads one document and shows it to `body`; nothing is allocated but what `body` asks for.
    ///
    /// The buffers belong to the thread and are used again by its next reading; readings may nest.
    /// - Throws: `JSONError`, or what `body` throws.
    public static func read<Value>(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .standard,
        _ body: (JSONView) throws -> Value
    ) throws -> Value {
        try JSONTape.read(bytes, limits) { try body(JSONView(tape: $0, index: 0)) }
    }

    /// Reads one document and shows it to `body`.
    public static func read<Value>(
        _ bytes: [UInt8],
        limits: JSONLimits = .standard,
        _ body: (JSONView) throws -> Value
    ) throws -> Value {
        try bytes.withUnsafeBytes { try read($0, limits: limits, body) }
    }

    /// Reads one document out of a larger buffer.
    public static func read<Value>(
        _ bytes: ArraySlice<UInt8>,
        limits: JSONLimits = .standard,
        _ body: (JSONView) throws -> Value
    ) throws -> Value {
        try bytes.withUnsafeBytes { try read($0, limits: limits, body) }
    }

    /// Reads one document from text.
    public static func read<Value>(
        _ text: String,
        limits: JSONLimits = .standard,
        _ body: (JSONView) throws -> Value
    ) throws -> Value {
        var contiguous = text
        return try contiguous.withUTF8 { try read(UnsafeRawBufferPointer($0), limits: limits, body) }
    }
}

/// A parser with buffers of its own, for an owner that reads one document after the other, such as a stream's decoder.
public final class JSONParser {
    private let parser: OpaquePointer?
    private let limits: JSONLimits

    public init(limits: JSONLimits = .standard) {
        parser = batuta_json_acquire()
        self.limits = limits
    }

    deinit { batuta_json_release(parser) }

    /// Reads one document. The view and all views got from it are valid until the next reading and as long as the parser lives.
    public func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONView {
        guard let parser else { throw JSONError(.outOfMemory, offset: 0, limits: limits) }
        return JSONView(tape: try JSONTape.read(bytes, limits, with: parser), index: 0)
    }

    /// Reads one document; see `read(_:)` for how long the view is valid.
    public func read(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONView {
        try bytes.withUnsafeBytes { buffer -> Result<JSONView, JSONError> in
            do throws(JSONError) { return .success(try read(buffer)) } catch { return .failure(error) }
        }.get()
    }

    /// Reads one document; see `read(_:)` for how long the view is valid.
    public func read(_ bytes: [UInt8]) throws(JSONError) -> JSONView { try read(bytes[...]) }
}
