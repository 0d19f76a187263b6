import BatutaTelemetry

/// Seals values that lie in tables of their own, under a key that is a value of the vault: when the master key is rotated only that one is sealed
/// anew.
public struct VaultEnvelope: Sendable {
    private let key: MasterKey

    fileprivate init?(_ value: String) {
        guard let key = MasterKey(base64: value) else { return nil }
        self.key = key
    }

    /// Can be opened under this label only: no row can be put in another's place.
    public func seal(_ text: String, as label: String) -> [UInt8] { key.seal(text, as: label) }

    /// nil when it was sealed with another key, under another label, or was changed since.
    public func open(_ sealed: [UInt8], as label: String) -> String? { key.open(sealed, as: label) }
}

extension Vault {
    /// The envelope whose key has this name; nil when there is none, or the value is no key.
    public func envelope(_ name: String) -> VaultEnvelope? { secret(name).flatMap(VaultEnvelope.init) }

    /// The same, made at the first call. Of several nodes that make it at once one wins.
    public func makeEnvelope(_ name: String) async throws -> VaultEnvelope {
        if let known = envelope(name) { return known }
        try await refresh()
        if let known = envelope(name) { return known }
        try await addNew(name, MasterKey.make().base64)
        guard let made = envelope(name) else { throw Self.changedMeanwhile }
        return made
    }

    /// Puts a value in unless the name has one already.
    private func addNew(_ name: String, _ value: String) async throws {
        var batch = WriteBatch(order: "vault")
        try add(name, value, to: &batch, VaultTable.putNew)
        _ = try await database.write(batch)
        try await refresh()
    }
}
