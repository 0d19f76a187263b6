/// The rounds at the beginning of a run that have no room in its prompts any more.
public struct FoldedRounds: Sendable, Hashable {
    /// How many; 0 when the model sees all of them.
    public var rounds = 0
    /// How many calls they had, and so results.
    public var results = 0
    /// The blob with what is left of them in words.
    public var summary: String?
    /// Something of them is in no words at all.
    public var isIncomplete = false

    public init() {}
}
