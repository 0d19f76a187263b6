public import BatutaCore

extension AccountConnections {
    /// How a connection stands, as whoever owns it may see it: no token, no secret.
    public struct Standing: Sendable, Hashable {
        public var isConnected: Bool
        /// Why it has to be connected again; nil when it has not.
        public var trouble: Words?
        /// Values of fields that are no secrets.
        public var fields: JSONObject
        /// Names of secret fields that have a value.
        public var filledSecrets: [String]
        public var expiresAt: Timestamp?
        public var updatedAt: Timestamp?
    }

    public func standing(_ definition: ConnectionDefinition, user: String) async throws -> Standing {
        guard let row = try await store.find(definition.name, owner: definition.owner(for: user)) else {
            return Standing(isConnected: false, fields: [:], filledSecrets: [])
        }
        let hidden = Set(definition.fields.filter(\.isSecret).map(\.name))
        let known = Set(definition.fields.map(\.name))
        var trouble = row.trouble.map(ConnectionTrouble.refused)
        if trouble == nil, TokenFreshness(row.account, at: clock.now()) == .lost { trouble = .expired }
        return Standing(
            isConnected: trouble == nil && row.account.isWhole(for: definition),
            trouble: trouble?.words,
            fields: JSONObject(
                row.account.fields.members.filter { known.contains($0.key) && !hidden.contains($0.key) }.map { ($0.key, $0.value) }
            ),
            filledSecrets: row.account.fields.keys.filter(hidden.contains).sorted(),
            expiresAt: row.account.expiresAt,
            updatedAt: row.updatedAt
        )
    }

    /// Fills in fields; null empties one, what is not named stays, and so do the tokens, also while they are being renewed.
    public func fill(_ definition: ConnectionDefinition, user: String, _ values: JSONObject) async throws {
        hide(ConnectedAccount(fields: values), of: definition)
        try await store.change(definition.name, owner: definition.owner(for: user)) { account in
            for (name, value) in values { account.fields[name] = value.isNull ? JSON?.none : value }
            return true
        }
        await changed(definition.owner(for: user))
    }

    /// Forgets an account; false when there was none.
    public func disconnect(_ definition: ConnectionDefinition, user: String) async throws -> Bool {
        let owner = definition.owner(for: user)
        let wasThere = try await store.remove(definition.name, owner: owner)
        await changed(owner)
        return wasThere
    }

    /// Begins the way over the service's own page.
    ///
    /// - Parameters:
    ///   - browser: The hash of the caller's cookie: whoever comes back must have the same.
    ///   - redirect: Where the service sends the browser back to.
    /// - Returns: the address to open; nil when the client's id or secret is missing in the environment.
    public func begin(
        _ definition: ConnectionDefinition,
        user: String,
        browser: String,
        redirect: String,
        render: ConnectionDefinition.Render
    ) async throws -> String? {
        guard let settings = definition.resolved(render) else { return nil }
        let secrets = ConnectionAttempt.Secrets(random)
        let attempt = ConnectionAttempt(
            name: definition.name,
            owner: definition.owner(for: user),
            browser: browser,
            redirect: redirect,
            verifier: secrets.verifier
        )
        try await store.keep(attempt, state: secrets.state)
        return ConnectionAttempt.address(settings, secrets, redirect: redirect)
    }

    /// What came of an attempt.
    public enum Arrival: Sendable, Hashable {
        case connected(name: String)
        /// Nobody began this, it is used up, it took too long, or it was begun in another browser.
        case unknown
        /// The service, or the person on its page, refused, or something went wrong: a sentence without a full stop.
        case refused(name: String, Words)
    }

    /// The browser came back from the service's page.
    ///
    /// - Parameter definitions: The project's connections as they are now.
    public func finish(
        state: String,
        code: String?,
        refusal: String?,
        user: String,
        browser: String,
        among definitions: [ConnectionDefinition],
        render: ConnectionDefinition.Render
    ) async throws -> Arrival {
        guard let attempt = try await store.take(state: state), attempt.browser == browser,
            let definition = definitions.first(where: { $0.name == attempt.name }), definition.owner(for: user) == attempt.owner,
            let settings = definition.resolved(render)
        else { return .unknown }
        guard let code, refusal == nil else { return .refused(name: attempt.name, refusal.map(OAuth2Failure.said) ?? Self.noCode) }
        do throws(OAuth2Failure) {
            let grant = try await oauth2.exchange(code, verifier: attempt.verifier, redirect: attempt.redirect, settings)
            hide(grant, of: definition)
            return try await keep(grant, definition, attempt.owner)
        } catch {
            report(error, attempt.name)
            return .refused(name: attempt.name, error.words)
        }
    }

    private static let noCode = Words("the service sent no code", "o serviço não mandou código")

    private func keep(_ grant: ConnectedAccount, _ definition: ConnectionDefinition, _ owner: String) async throws(OAuth2Failure)
        -> Arrival
    {
        do {
            try await store.change(definition.name, owner: owner, isGrant: true) { account in
                account.take(grant)
                return true
            }
        } catch {
            throw .notKept
        }
        await changed(owner)
        return .connected(name: definition.name)
    }
}
