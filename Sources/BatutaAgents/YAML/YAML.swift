/// Reads YAML 1.2 with the core schema: one document, unique keys, no tags of its own, bounded in every direction.
public enum YAML {
    /// API §4: a project file has at most 1 MiB.
    public static let longestFile = 1 << 20
    /// Nested lists and mappings; deeper than any JSON Schema that people write.
    public static let deepest = 64
    /// Values in all, with every alias counted as what it stands for: what makes "a billion laughs" fail early.
    public static let mostNodes = 100_000

    /// What came of reading a file: a tree unless the file cannot be read at all, and everything that is wrong with it.
    public struct Reading: Sendable {
        public var root: YAMLNode?
        /// In file order. Duplicate keys and the like leave the rest of the tree in place.
        public var errors: [YAMLError]
    }

    /// Reads a document and goes on after what it can leave out.
    ///
    /// - Parameter firstLine: the number of the first line, for a part of a larger file.
    public static func read(_ bytes: some Collection<UInt8>, firstLine: Int = 1) -> Reading {
        guard bytes.count <= longestFile else {
            return Reading(root: nil, errors: [.tooLong(bytes.count, line: firstLine)])
        }
        var text = Array(bytes)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        if let place = UTF8Validity.firstInvalidByte(of: text) {
            let line = firstLine + text[..<place].count { $0 == 0x0A }
            return Reading(root: nil, errors: [.invalidUTF8(line: line)])
        }
        return text.withUnsafeBufferPointer { compose($0, lineOffset: firstLine - 1) }
    }

    /// Reads a document that has to be right.
    ///
    /// - Throws: the first thing that is wrong with it.
    public static func parse(_ bytes: some Collection<UInt8>, firstLine: Int = 1) throws(YAMLError) -> YAMLNode {
        let reading = read(bytes, firstLine: firstLine)
        if let error = reading.errors.first { throw error }
        return reading.root ?? YAMLNode(.null, line: firstLine)
    }

    private static func compose(_ bytes: UnsafeBufferPointer<UInt8>, lineOffset: Int) -> Reading {
        do throws(YAMLError) {
            var composer = YAMLComposer(reader: try YAMLReader(bytes, lineOffset: lineOffset))
            do throws(YAMLError) {
                let root = try composer.document(emptyAt: lineOffset + 1)
                return Reading(root: root, errors: composer.errors)
            } catch {
                return Reading(root: nil, errors: composer.errors + [error])
            }
        } catch {
            return Reading(root: nil, errors: [error])
        }
    }
}

enum UTF8Validity {
    /// Where the bytes stop being UTF-8 (RFC 3629); nil when they never do.
    static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var position = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let scalar): position += scalar.count
            case .error: return position
            case .emptyInput: return position
            }
        }
    }
}
