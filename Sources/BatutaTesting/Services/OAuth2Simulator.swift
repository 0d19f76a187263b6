import BatutaCore
import BatutaHTTP
import BatutaStorage
import Synchronization

/// A service that gives tokens as OAuth 2 services do (RFC 6749, RFC 7636): checks client, code, redirect and PKCE, and gives each refresh
/// token once. No person: its page agrees at once.
public final class OAuth2Simulator: Sendable {
    /// What the token endpoint does instead of its duty.
    public enum Mood: Sendable {
        case good
        /// 400 `invalid_grant`: the person took it back.
        case revoked
        /// 503.
        case down
        case garbage
    }

    private struct Code {
        var challenge: String
        var redirect: String
    }

    private struct State {
        var mood = Mood.good
        var lifetime: Int? = 3_600
        var codes: [String: Code] = [:]
        var refreshTokens: Set<String> = []
        var accessTokens: [String] = []
        var renewals = 0
        var number = 0
        var whileRenewing: @Sendable () async -> Void = {}
    }

    public static let clientID = "client-1"
    public static let clientSecret = "s3cr3t-of-the-client"

    private let state = Mutex(State())
    private let server: HTTPServer
    public let base: String

    public init() throws {
        let box = Box()
        var router = Router()
        router.on(.post, "/token") { request in try await box.owner().token(request) }
        router.on(.get, "/me") { request in box.owner().me(request) }
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        server = try HTTPServer(configuration: configuration, router: router)
        base = "http://127.0.0.1:\(try server.start().port)"
        box.simulator.withLock { $0 = self }
    }

    /// The routes are made before there is a simulator.
    private final class Box: Sendable {
        let simulator = Mutex<OAuth2Simulator?>(nil)

        func owner() -> OAuth2Simulator {
            guard let simulator = simulator.withLock({ $0 }) else { preconditionFailure("the simulator is being made") }
            return simulator
        }
    }

    /// Ends it; it keeps itself alive until then.
    public func stop() async { await server.drain(deadline: .zero) }

    public var renewals: Int { state.withLock(\.renewals) }
    public var accessTokens: [String] { state.withLock(\.accessTokens) }
    public func set(_ mood: Mood) { state.withLock { $0.mood = mood } }
    /// Something that happens after somebody has asked for a new token and before it is given.
    public func whileRenewing(_ act: @escaping @Sendable () async -> Void) { state.withLock { $0.whileRenewing = act } }
    /// Seconds until tokens end; nil: it does not say.
    public func set(lifetime: Int?) { state.withLock { $0.lifetime = lifetime } }

    /// What `oauth2` of a connection says.
    public var yaml: String {
        """
        { authorize: "\(base)/authorize", token: "\(base)/token", scopes: [ads, read], client_id: \(Self.clientID), \
        client_secret: "${secret.CLIENT_SECRET}" }
        """
    }

    /// Somebody opens its page and agrees; the code with which the browser is sent back.
    public func agree(_ url: String) throws -> (state: String, code: String, redirect: String) {
        struct Refused: Error { var why: String }
        guard url.hasPrefix("\(base)/authorize?") else { throw Refused(why: url) }
        let query = HTTPQuery(String(url.dropFirst("\(base)/authorize?".count)))
        guard query["response_type"] == "code", query["client_id"] == Self.clientID, query["code_challenge_method"] == "S256",
            let challenge = query["code_challenge"], challenge.utf8.count == 43, let state = query["state"], state.utf8.count >= 43,
            let redirect = query["redirect_uri"], query["scope"] == "ads read"
        else { throw Refused(why: url) }
        let code = self.state.withLock { simulator in
            simulator.number += 1
            let code = "code-\(simulator.number)"
            simulator.codes[code] = Code(challenge: challenge, redirect: redirect)
            return code
        }
        return (state, code, redirect)
    }

    private func token(_ request: HTTPRequest) async throws -> HTTPResponse {
        let form = HTTPQuery(String(decoding: try await request.body.collect(upTo: 65_536), as: UTF8.self))
        guard form["client_id"] == Self.clientID, form["client_secret"] == Self.clientSecret else {
            return Self.json(["error": "invalid_client"], .unauthorized)
        }
        if form["grant_type"] == "refresh_token" {
            let act = state.withLock { state in
                state.renewals += 1
                return state.whileRenewing
            }
            await act()
        }
        switch state.withLock(\.mood) {
        case .good: return grant(form)
        case .revoked: return Self.json(["error": "invalid_grant", "error_description": "The person took it back"], .badRequest)
        case .down: return Self.json(["error": "server_error"], .serviceUnavailable)
        case .garbage: return HTTPResponse(status: .ok, headers: ["Content-Type": "application/json"], body: .bytes(Array("{oops".utf8)))
        }
    }

    private func grant(_ form: HTTPQuery) -> HTTPResponse {
        let answer: JSON? = state.withLock { state in
            switch form["grant_type"] {
            case "authorization_code":
                guard let code = form["code"].flatMap({ state.codes.removeValue(forKey: $0) }), code.redirect == form["redirect_uri"],
                    Self.challenge(form["code_verifier"] ?? "") == code.challenge
                else { return nil }
            case "refresh_token":
                guard let old = form["refresh_token"], state.refreshTokens.remove(old) != nil else { return nil }
            default: return nil
            }
            state.number += 1
            let (access, refresh) = ("access-token-\(state.number)", "refresh-token-\(state.number)")
            state.accessTokens.append(access)
            state.refreshTokens.insert(refresh)
            var answer: JSONObject = ["access_token": .string(access), "refresh_token": .string(refresh), "token_type": "bearer"]
            answer["expires_in"] = state.lifetime.map { .int($0) }
            return .object(answer)
        }
        return answer.map { Self.json($0, .ok) } ?? Self.json(["error": "invalid_grant"], .badRequest)
    }

    /// Shows whose token came.
    private func me(_ request: HTTPRequest) -> HTTPResponse {
        let token = request.headers["Authorization"].map { String($0.dropFirst("Bearer ".count)) } ?? ""
        let isKnown = state.withLock { $0.accessTokens.contains(token) }
        return isKnown ? Self.json(["echo": .string(token)], .ok) : Self.json(["error": "unknown token"], .unauthorized)
    }

    private static func json(_ json: JSON, _ status: HTTPStatus) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(json.bytes))
    }

    private static func challenge(_ verifier: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let bits = Digest.sha256(Array(verifier.utf8)).flatMap { byte in (0..<8).map { Int(byte) >> (7 - $0) & 1 } } + [0, 0]
        return String(stride(from: 0, to: bits.count, by: 6).map { digits[bits[$0..<$0 + 6].reduce(0) { $0 << 1 | $1 }] })
    }
}
