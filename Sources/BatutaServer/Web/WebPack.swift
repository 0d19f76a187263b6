import BatutaCore
import CWeb

/// Reads what web/pack.py wrote; the form is described there.
enum WebPack {
    private static let mark = Array("BATWEB1\n".utf8)

    /// The files that are built into this program, by their paths; nil in a program that was built without them.
    static func embedded() throws(WebPackError) -> [String: WebFile]? {
        var count = 0
        guard let bytes = batuta_web_pack(&count) else { return nil }
        return try files(Array(UnsafeBufferPointer(start: bytes, count: count)))
    }

    static func files(_ pack: [UInt8]) throws(WebPackError) -> [String: WebFile] {
        guard pack.starts(with: mark), pack.count >= 12 else { throw WebPackError("it does not begin as one") }
        let length = pack[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
        let (index, bodies) = (pack[12...].prefix(length), pack[12...].dropFirst(length))
        guard index.count == length, let json = try? JSON.parse(Array(index)), let entries = json["files"]?.array else {
            throw WebPackError("its index cannot be read")
        }
        var files: [String: WebFile] = [:]
        for entry in entries {
            guard let path = entry["path"]?.string, let file = file(entry, bodies) else {
                throw WebPackError("an entry of its index is wrong: \(entry["path"]?.text ?? "without a path")")
            }
            files[path] = file
        }
        return files
    }

    private static func file(_ entry: JSON, _ bodies: ArraySlice<UInt8>) -> WebFile? {
        guard let type = entry["type"]?.string, let hash = entry["sha256"]?.string, let places = entry["bodies"],
            let identity = body("identity", places, bodies)
        else { return nil }
        var file = WebFile(contentType: type, hash: hash, identity: identity)
        for coding in ContentCoding.allCases where places[coding.rawValue] != nil {
            guard let compressed = body(coding.rawValue, places, bodies) else { return nil }
            file.compressed[coding] = compressed
        }
        return file
    }

    private static func body(_ name: String, _ places: JSON, _ bodies: ArraySlice<UInt8>) -> [UInt8]? {
        guard let offset = places[name]?[0]?.int, let length = places[name]?[1]?.int, offset >= 0, length >= 0,
            offset <= bodies.count, length <= bodies.count - Int(offset)
        else { return nil }
        return Array(bodies.dropFirst(Int(offset)).prefix(Int(length)))
    }
}

/// The page that is built into the program is damaged: a mistake of the build.
struct WebPackError: Error, Hashable, CustomStringConvertible {
    let why: String

    init(_ why: String) { self.why = why }

    var description: String { "The page built into this program is damaged: \(why). Run make web, then build again." }
}
