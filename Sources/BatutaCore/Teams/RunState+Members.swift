extension RunState {
    /// The calls of the last round that other runs do.
    public var delegated: Set<CallID> { Set(lastDelegated.map(\.id)) }

    /// The runs that the last round's open calls asked for.
    public var openMembers: [RunID] { lastDelegated.filter { $0.result == nil }.compactMap(\.call.childRunID) }

    private var lastDelegated: [CallState] { rounds.last?.calls.filter(\.isDelegated) ?? [] }
}
