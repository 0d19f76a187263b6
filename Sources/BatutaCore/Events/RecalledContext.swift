/// What a prompt takes from outside its conversation, as `step/context` names it (DESIGN §9.3).
public struct RecalledContext: Sendable, Hashable {
    /// Facts about the user, by their identifiers, in the order in which the model is told them.
    public var facts: [String]
    /// The blob with the facts in the words that the model is told.
    public var factsRef: String?
    /// Which variant of each prompt with variants the run has, by the prompt's name.
    public var variants: [String: String]

    public init(facts: [String] = [], factsRef: String? = nil, variants: [String: String] = [:]) {
        self.facts = facts
        self.factsRef = factsRef
        self.variants = variants
    }

    init(_ json: JSON) {
        let variants = json["variants"]?.object ?? [:]
        self.init(
            facts: json["facts"]?["ids"]?.array?.compactMap(\.string) ?? [],
            factsRef: json["facts"]?["ref"]?.string,
            variants: Dictionary(variants.compactMap { entry in entry.value.string.map { (entry.key, $0) } }) { first, _ in first }
        )
    }

    func writeMembers(into writer: inout JSONWriter) {
        if let factsRef { writer.member("facts", ["ids": .array(facts.map(JSON.string)), "ref": .string(factsRef)]) }
        if !variants.isEmpty { writer.member("variants", variantsJSON) }
    }

    /// `{prompt: variant}`, in the order of the names.
    public var variantsJSON: JSON {
        .object(JSONObject(variants.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }))
    }
}
