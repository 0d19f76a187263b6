extension JSON {
    /// Reads one JSON document (RFC 8259, strictly): of equal keys the last one wins, numbers keep their literal.
    ///
    /// - Throws: `JSONError` for anything else, with the place where it went wrong.
    public static func parse(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONError) -> JSON {
        try read(bytes, limits).get()
    }

    /// Reads one JSON document.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) -> JSON {
        try bytes.withUnsafeBytes { read($0, limits) }.get()
    }

    /// Reads one JSON document out of a larger buffer; offsets of errors count from the slice's start.
    public static func parse(_ bytes: ArraySlice<UInt8>, limits: JSONLimits = .standard) throws(JSONError) -> JSON {
        try bytes.withUnsafeBytes { read($0, limits) }.get()
    }

    /// Reads one JSON document from text.
    public static func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSON {
        var contiguous = text
        return try contiguous.withUTF8 { read(UnsafeRawBufferPointer($0), limits) }.get()
    }

    private static func read(_ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits) -> Result<JSON, JSONError> {
        do {
            return .success(try JSONTape.read(bytes, limits) { $0.json(0) })
        } catch let error as JSONError {
            return .failure(error)
        } catch {
            return .failure(JSONError(.unexpectedCharacter, offset: 0, limits: limits))
        }
    }
}
