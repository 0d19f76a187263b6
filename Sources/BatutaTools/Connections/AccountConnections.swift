public import BatutaCore
public import BatutaHTTP
import BatutaStorage
import Synchronization

/// The accounts that users and the project connect: begun, kept, renewed by themselves, handed to tools.
///
/// A token is renewed by one caller at a time: on this node others wait for the same answer, on other nodes for the row to change.
public final class AccountConnections: Sendable {
    /// What a tool gets of a connection.
    public enum Lookup: Sendable, Hashable {
        /// `token` and the fields.
        case connected(JSON)
        /// Why not, for the model; a whole sentence without a full stop.
        case missing(String)
    }

    private typealias Key = String

    let store: ConnectionStore
    let oauth2: OAuth2Client
    let clock: any ProjectClock
    private let time: any MonotonicTime
    let random: any RandomSource
    /// Whatever must never be shown is told here before it can be.
    let hide: @Sendable ([String]) -> Void
    private let renewals = Mutex<[Key: Task<Lookup, Never>]>([:])

    public init(
        store: ConnectionStore,
        client: HTTPClient,
        time: any MonotonicTime = SystemMonotonicTime(),
        random: any RandomSource = SystemRandom(),
        hide: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.store = store
        clock = store.clock
        oauth2 = OAuth2Client(client: client, clock: store.clock)
        self.time = time
        self.random = random
        self.hide = hide
    }

    /// How long somebody may take on a service's page.
    public static let patience = ConnectionAttempt.lifetime

    // MARK: Use

    /// The account that a caller may use just now; a token that is about to end is renewed first.
    public func lookup(_ definition: ConnectionDefinition, user: String, render: @escaping ConnectionDefinition.Render) async -> Lookup {
        let owner = definition.owner(for: user)
        do {
            guard let row = try await store.find(definition.name, owner: owner) else { return .missing(Self.notConnected(definition)) }
            return await use(row, Place(definition: definition, owner: owner, render: render))
        } catch {
            return .missing("the account “\(definition.name)” cannot be read just now: try again")
        }
    }

    /// Whose account of what, and the values of its texts.
    private struct Place: Sendable {
        var definition: ConnectionDefinition
        var owner: String
        var render: ConnectionDefinition.Render

        var name: String { definition.name }
        var key: Key { "\(owner) \(name)" }
    }

    private func use(_ row: ConnectionStore.Row, _ place: Place) async -> Lookup {
        hide(row.account.secrets(of: place.definition))
        if let trouble = row.trouble { return .missing(Self.lost(place.definition, trouble)) }
        guard row.account.isWhole(for: place.definition) else { return .missing(Self.notConnected(place.definition)) }
        switch TokenFreshness(row.account, at: clock.now()) {
        case .fresh: return .connected(row.account.value)
        case .lost: return .missing(Self.lost(place.definition, "its access has expired"))
        case .stale:
            // What is at hand still works for a while.
            guard case .connected(let value) = await renewed(row, place) else { return .connected(row.account.value) }
            return .connected(value)
        case .expired: return await renewed(row, place)
        }
    }

    private func renewed(_ row: ConnectionStore.Row, _ place: Place) async -> Lookup {
        let task = renewals.withLock { renewals in
            if let running = renewals[place.key] { return running }
            // Unstructured: who asked first may be stopped, and others wait for it too. It ends by the client's time-out.
            let task = Task {
                let found = await self.renew(row, place)
                self.renewals.withLock { $0[place.key] = nil }
                return found
            }
            renewals[place.key] = task
            return task
        }
        return await task.value
    }

    private func renew(_ row: ConnectionStore.Row, _ place: Place) async -> Lookup {
        do {
            guard try await store.beginRenewal(of: row, place.name, owner: place.owner) else {
                return try await othersRenewal(of: row, place)
            }
            guard let settings = place.definition.resolved(place.render) else {
                try await store.giveUpRenewal(of: row, trouble: nil, place.name, owner: place.owner)
                return .missing(
                    "the account “\(place.name)” cannot be renewed: its client id or secret is missing in the project's environment"
                )
            }
            return try await ask(row, place, settings)
        } catch {
            return .missing("the account “\(place.name)” cannot be renewed just now: try again")
        }
    }

    private func ask(_ row: ConnectionStore.Row, _ place: Place, _ settings: ConnectionDefinition.OAuth2) async throws -> Lookup {
        do throws(OAuth2Client.Failure) {
            let account = try await oauth2.renew(row.account, settings)
            hide(account.secrets(of: place.definition))
            try? await store.endRenewal(of: row, account, place.name, owner: place.owner)
            return .connected(account.value)
        } catch {
            let trouble = error.isPassing ? nil : error.words
            try await store.giveUpRenewal(of: row, trouble: trouble, place.name, owner: place.owner)
            return .missing(
                trouble.map { Self.lost(place.definition, $0) } ?? "the account “\(place.name)” cannot be renewed just now: \(error.words)"
            )
        }
    }

    /// Another node has the turn: its answer is in the row soon.
    private func othersRenewal(of row: ConnectionStore.Row, _ place: Place) async throws -> Lookup {
        let deadline = time.elapsed() + ConnectionStore.renewal
        while time.elapsed() < deadline {
            guard let now = try await store.find(place.name, owner: place.owner) else {
                return .missing(Self.notConnected(place.definition))
            }
            if now.version != row.version {
                hide(now.account.secrets(of: place.definition))
                if let trouble = now.trouble { return .missing(Self.lost(place.definition, trouble)) }
                guard TokenFreshness(now.account, at: clock.now()) != .expired else { break }
                return .connected(now.account.value)
            }
            try await time.sleep(for: .milliseconds(100))
        }
        return .missing("the account “\(place.name)” cannot be renewed just now: try again")
    }

    private static func notConnected(_ definition: ConnectionDefinition) -> String {
        let who = definition.scope == .user ? "the user" : "an admin"
        return "the account “\(definition.name)” is not connected; ask \(who) to connect it"
    }

    private static func lost(_ definition: ConnectionDefinition, _ why: String) -> String {
        let who = definition.scope == .user ? "the user" : "an admin"
        return "the account “\(definition.name)” has to be connected again by \(who): \(why)"
    }
}
