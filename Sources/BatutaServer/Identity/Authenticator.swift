public import BatutaCore
import Synchronization

/// Finds out who makes a request. Whoever was seen a moment ago is remembered for two seconds, so that a revocation, also one made by
/// another process, takes effect within that time and a busy caller costs no query.
public final class Authenticator: Sendable {
    private let keys: KeyStore
    private let users: UserStore
    private let signIns: SignInStore
    private let clock: any ProjectClock
    private let monotonic = ContinuousClock()
    private let seen = Mutex<[String: Seen]>([:])

    private struct Seen {
        var principal: Principal
        var expiresAt: Timestamp?
        var at: Timestamp
        var until: ContinuousClock.Instant
        var touchAfter: ContinuousClock.Instant
    }

    static let memory = Duration.seconds(2)
    static let touchInterval = Duration.seconds(60)
    /// What is longer is no secret of ours, and is not worth a look.
    private static let longestSecret = 200

    public init(keys: KeyStore, users: UserStore, signIns: SignInStore, clock: any ProjectClock) {
        self.keys = keys
        self.users = users
        self.signIns = signIns
        self.clock = clock
    }

    /// The principal of a key's secret; nil when it is unknown, expired or revoked, or its user is disabled.
    public func principal(secret: String) async throws -> Principal? {
        if let principal = remembered(secret) { return principal }
        guard secret.hasPrefix("bat_"), secret.utf8.count <= Self.longestSecret,
            let key = try await keys.find(secret: APIKeySecret(secret)), let principal = try await principal(of: key)
        else {
            seen.withLock { $0[secret] = nil }
            return nil
        }
        if remember(secret, principal, until: key.expiresAt) {
            try await keys.touch(key.id)
            if let user = key.userID { try await users.touch(user) }
        }
        return principal
    }

    /// Whose browser sends a cookie; nil when it is unknown or expired, or its user is disabled.
    func admission(cookie: String) async throws -> Admission? {
        if let principal = remembered(cookie) { return Admission(principal: principal) }
        guard cookie.utf8.count <= Self.longestSecret, let session = try await signIns.find(cookie: cookie),
            let principal = try await principal(of: session)
        else {
            seen.withLock { $0[cookie] = nil }
            return nil
        }
        if remember(cookie, principal, until: session.expiresAt) { try await users.touch(principal.id) }
        guard session.isDueForExtension(at: clock.now()) else { return Admission(principal: principal) }
        try await signIns.extend(session)
        return Admission(principal: principal, renewedCookie: cookie)
    }

    /// Lets go of what was revoked or changed here, so that it counts no more from now on.
    func forget(_ matches: (Principal) -> Bool) {
        seen.withLock { seen in seen = seen.filter { !matches($0.value.principal) } }
    }

    /// Whether the principal still is who it was, with the same role; open streams ask now and then.
    public func isStillValid(_ principal: Principal) async throws -> Bool {
        let now: Principal?
        if let id = principal.keyID {
            guard let key = try await keys.find(id: KeyID(trusted: id)) else { return false }
            now = try await self.principal(of: key)
        } else if let hash = principal.browserSession {
            guard let session = try await signIns.find(hash: hash) else { return false }
            now = try await self.principal(of: session)
        } else {
            return true
        }
        return now?.id == principal.id && now?.role == principal.role
    }

    private func principal(of key: APIKey) async throws -> Principal? {
        guard key.isValid(at: clock.now()) else { return nil }
        guard let id = key.userID else { return key.principal(actingAs: nil) }
        return key.principal(actingAs: try await users.find(id))
    }

    private func principal(of session: BrowserSession) async throws -> Principal? {
        guard session.isValid(at: clock.now()), let user = try await users.find(session.userID), user.isEnabled else { return nil }
        return Principal(id: user.id, role: user.role, browserSession: session.hash, language: user.language)
    }

    private func remembered(_ secret: String) -> Principal? {
        let (now, monotonicNow) = (clock.now(), monotonic.now)
        return seen.withLock { seen in
            // A project clock that was moved on ends the memory too.
            guard let entry = seen[secret], monotonicNow < entry.until, now < entry.at.advanced(by: Self.memory),
                entry.expiresAt.map({ now < $0 }) ?? true
            else { return nil }
            return entry.principal
        }
    }

    /// True when the last use should be noted.
    private func remember(_ secret: String, _ principal: Principal, until expiry: Timestamp?) -> Bool {
        let now = monotonic.now
        return seen.withLock { seen in
            if seen.count > 10_000 { seen = [:] }
            let touchAfter = seen[secret]?.touchAfter ?? now
            let isDue = now >= touchAfter
            seen[secret] = Seen(
                principal: principal,
                expiresAt: expiry,
                at: clock.now(),
                until: now + Self.memory,
                touchAfter: isDue ? now + Self.touchInterval : touchAfter
            )
            return isDue
        }
    }
}

/// A request that may come in.
struct Admission: Sendable {
    var principal: Principal
    /// A cookie whose thirty days begin anew: the browser is told.
    var renewedCookie: String?
}
