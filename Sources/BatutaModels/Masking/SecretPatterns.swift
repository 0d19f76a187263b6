public import BatutaCore

/// The secrets that must not be shown, made ready for looking for all of them at once (Aho, Corasick 1975, as a complete automaton).
///
/// Built once per state of the vault and shared by every run. Secrets shorter than `minimumLength` bytes are left out: masking them
/// would hide ordinary text. Whatever is found is shown as `mask`; secrets that overlap or touch are shown as one.
public struct SecretPatterns: Sendable {
    /// What is shown in place of a secret (PROJECT.md, Masking).
    public static let mask = "•••"
    /// Secrets with fewer bytes are not looked for.
    public static let minimumLength = 6

    /// Column of the table for each byte; 0 for bytes that no secret holds.
    let columns: [Int]
    let width: Int
    /// The next state, by state and column.
    let next: [Int32]
    /// How many bytes of the text are the beginning of some secret in a state.
    let depth: [Int32]
    /// The longest secret that ends in a state, 0 for none.
    let found: [Int32]

    /// No secrets: nothing is looked for and nothing held back.
    public init() { self.init([]) }

    public init(_ secrets: [String]) { self.init(secrets, minimumLength: Self.minimumLength) }

    /// Looks also for shorter secrets where the text is known to be short and foreign, such as a provider's message.
    init(_ secrets: [String], minimumLength: Int) {
        let texts = Set(secrets).map { Array($0.utf8) }.filter { $0.count >= max(minimumLength, 1) }
        var trie = SecretTrie(alphabetOf: texts)
        for text in texts { trie.insert(text) }
        trie.complete()
        columns = trie.columns
        width = trie.width
        next = trie.next
        depth = trie.depth
        found = trie.found
    }

    /// Whether there is nothing to look for.
    public var isEmpty: Bool { next.count == width }

    /// The whole text with its secrets masked.
    public func masked(_ text: String) -> String {
        guard !isEmpty else { return text }
        var filter = OutputFilter(self)
        let head = filter.push(text)
        return head + filter.finish()
    }

    /// The value with the secrets in its texts and keys masked.
    public func masked(_ json: JSON) -> JSON {
        guard !isEmpty else { return json }
        switch json {
        case .null, .bool, .number: return json
        case .string(let text): return .string(masked(text))
        case .array(let elements): return .array(elements.map { masked($0) })
        case .object(let object): return .object(JSONObject(object.map { (masked($0.key), masked($0.value)) }))
        }
    }
}

/// The automaton while it is being built.
private struct SecretTrie {
    var columns = [Int](repeating: 0, count: 256)
    var width = 1
    var next: [Int32]
    var depth: [Int32] = [0]
    var found: [Int32] = [0]

    init(alphabetOf texts: [[UInt8]]) {
        for byte in texts.joined() where columns[Int(byte)] == 0 {
            columns[Int(byte)] = width
            width += 1
        }
        next = [Int32](repeating: -1, count: width)
    }

    mutating func insert(_ text: [UInt8]) {
        var state = 0
        for byte in text {
            let slot = state * width + columns[Int(byte)]
            if next[slot] < 0 {
                next[slot] = Int32(depth.count)
                next.append(contentsOf: repeatElement(-1, count: width))
                depth.append(depth[state] + 1)
                found.append(0)
            }
            state = Int(next[slot])
        }
        found[state] = Int32(text.count)
    }

    /// Fills the missing transitions breadth first, each with what the longest proper suffix would do.
    mutating func complete() {
        var suffix = [Int](repeating: 0, count: depth.count)
        var queue = [0]
        var position = 0
        while position < queue.count {
            let state = queue[position]
            position += 1
            found[state] = max(found[state], found[suffix[state]])
            for column in 0..<width {
                let slot = state * width + column
                let fallback = state == 0 ? 0 : next[suffix[state] * width + column]
                guard next[slot] >= 0 else {
                    next[slot] = fallback
                    continue
                }
                suffix[Int(next[slot])] = Int(fallback)
                queue.append(Int(next[slot]))
            }
        }
    }
}
