import BatutaTelemetry

extension Vault {
    /// Seals every value with another master key. Values and names stay; the old key opens nothing of the store any more.
    ///
    /// The new key is on disk before anything is sealed with it, and becomes the master key after the commit: a crash at any moment leaves
    /// a vault that opens. A server beside this follows at its next `refresh` when the key lies in the file.
    ///
    /// - Parameter given: A key that will be in the variable; nil makes a new one for the file.
    /// - Returns: false when there is nothing to seal.
    public func rotate(to given: MasterKey? = nil) async throws -> Bool {
        for _ in 0..<5 {
            try await refresh()
            guard !rows.isEmpty else { return false }
            let key = given ?? MasterKey.make()
            if given == nil { try source.file.writeNext(key) }
            guard case .committed = try await database.write(try resealing(with: key)) else { continue }
            if given == nil { try source.file.promoteNext() } else { source.file.remove() }
            take(key)
            try await refresh()
            return true
        }
        source.file.removeNext()
        throw Self.changedMeanwhile
    }

    private func resealing(with key: MasterKey) throws(StorageError) -> WriteBatch {
        var batch = WriteBatch(order: "vault")
        for row in rows {
            guard let value = secret(row.name) else { throw Self.changedMeanwhile }
            batch.add(VaultTable.reseal(row, key.seal(value, as: row.name), keyID: key.id), expecting: 1)
        }
        batch.add(VaultTable.others(than: key.id), expecting: 0)
        return batch
    }
}
