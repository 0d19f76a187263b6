/// The members of a JSON object, in the order in which they were written. Keys are unique; setting one again replaces its value in place.
///
/// Keys are compared by their code units (RFC 8259 §8.3). Objects of more than 32 members carry an index, so that
/// hostile sizes cost linear time.
public struct JSONObject: Sendable {
    public private(set) var members: [(key: String, value: JSON)]
    /// Positions of all members, kept only for large objects.
    private var index: [ExactText: Int] = [:]

    private static let indexedFrom = 33

    public init() { members = [] }

    public init(_ pairs: [(String, JSON)]) {
        members = []
        reserveCapacity(pairs.count)
        for (key, value) in pairs { set(key, to: value) }
    }

    /// Takes members whose keys are already known to be unique.
    package init(unique members: [(key: String, value: JSON)]) {
        self.members = members
        if members.count >= Self.indexedFrom { buildIndex() }
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: [String] { members.map(\.key) }

    public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            if let newValue {
                set(key, to: newValue)
            } else if let position = position(of: key) {
                members.remove(at: position)
                if !index.isEmpty { buildIndex() }
            }
        }
    }

    mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(Swift.min(count, 1_024)) }

    /// Adds a member or replaces the value of the one with this key.
    mutating func set(_ key: String, to value: JSON) {
        if let position = position(of: key) {
            members[position].value = value
            return
        }
        members.append((key, value))
        if !index.isEmpty {
            index[ExactText(key)] = members.count - 1
        } else if members.count == Self.indexedFrom {
            buildIndex()
        }
    }

    private func position(of key: String) -> Int? {
        if !index.isEmpty { return index[ExactText(key)] }
        return members.firstIndex { $0.key.isExactly(key) }
    }

    private mutating func buildIndex() {
        index.removeAll(keepingCapacity: true)
        guard members.count >= Self.indexedFrom else { return }
        for (position, member) in members.enumerated() { index[ExactText(member.key)] = position }
    }
}

extension JSONObject: Hashable {
    /// Whether both hold the same members, in any order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in members {
            var inner = Hasher()
            inner.combine(ExactText(key))
            inner.combine(value)
            sum &+= inner.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
