public import BatutaCore
public import BatutaHTTP
import BatutaStorage
public import BatutaTelemetry
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

    let store: ConnectionStore
    let oauth2: OAuth2Client
    let clock: any ProjectClock
    let time: any MonotonicTime
    let random: any RandomSource
    /// Whatever must never be shown is told here before it can be, with when its token ends.
    private let conceal: @Sendable ([String], _ expiry: Timestamp?) -> Void
    /// Told whose account is another one by now, or gone: what was read with it is not to be given again.
    let changed: @Sendable (_ owner: String) async -> Void
    /// For what an operator has to mend.
    let logger: Logger
    let renewals = Mutex<[AccountPlace.Key: Task<Lookup, Never>]>([:])

    public init(
        store: ConnectionStore,
        client: HTTPClient,
        time: any MonotonicTime = SystemMonotonicTime(),
        random: any RandomSource = SystemRandom(),
        logger: Logger = .silent,
        changed: @escaping @Sendable (_ owner: String) async -> Void = { _ in },
        hide: @escaping @Sendable ([String], _ expiry: Timestamp?) -> Void = { _, _ in }
    ) {
        self.store = store
        clock = store.clock
        oauth2 = OAuth2Client(client: client, clock: store.clock)
        self.time = time
        self.random = random
        self.logger = logger
        self.changed = changed
        conceal = hide
    }

    /// How long somebody may take on a service's page.
    public static let patience = ConnectionAttempt.lifetime

    func hide(_ account: ConnectedAccount, of definition: ConnectionDefinition) {
        conceal(account.secrets(of: definition), account.expiresAt)
    }

    // MARK: Use

    /// The account that a caller may use just now; a token that is about to end is renewed first.
    public func lookup(_ definition: ConnectionDefinition, user: String, render: @escaping ConnectionDefinition.Render) async -> Lookup {
        let owner = definition.owner(for: user)
        do {
            guard let row = try await store.find(definition.name, owner: owner) else { return .missing(Self.notConnected(definition)) }
            return await use(row, AccountPlace(definition: definition, owner: owner, render: render))
        } catch {
            return .missing("the account “\(definition.name)” cannot be read just now: try again")
        }
    }

    func use(_ row: ConnectionStore.Row, _ place: AccountPlace) async -> Lookup {
        hide(row.account, of: place.definition)
        if let trouble = row.trouble { return .missing(Self.lost(place.definition, .refused(trouble))) }
        guard row.account.isWhole(for: place.definition) else { return .missing(Self.notConnected(place.definition)) }
        switch TokenFreshness(row.account, at: clock.now()) {
        case .fresh: return .connected(row.account.value)
        case .lost: return .missing(Self.lost(place.definition, .expired))
        case .stale:
            // What is at hand still works for a while.
            guard case .connected(let value) = await renewed(place) else { return .connected(row.account.value) }
            return .connected(value)
        case .expired: return await renewed(place)
        }
    }

    static func notConnected(_ definition: ConnectionDefinition) -> String {
        let who = definition.scope == .user ? "the user" : "an admin"
        return "the account “\(definition.name)” is not connected; ask \(who) to connect it"
    }

    static func lost(_ definition: ConnectionDefinition, _ why: ConnectionTrouble) -> String {
        let who = definition.scope == .user ? "the user" : "an admin"
        return "the account “\(definition.name)” has to be connected again by \(who): \(why.words.english)"
    }
}
