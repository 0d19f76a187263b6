import BatutaCore
import BatutaHTTP
import BatutaStorage
import Synchronization

/// The part of the Meta Graph API that the template `ads` asks: campaigns of one account, with figures, in Meta's shapes (money in cents and as
/// text, times without the colon of the zone, no figures for what nobody saw).
public final class MetaAdsSimulator: Sendable {
    public struct Campaign: Sendable {
        public var id: String
        public var name: String
        public var status: String
        /// In cents; nil: budgets belong to the ad sets.
        public var dailyBudget: Int64?
        /// Of the last days, in the account's currency.
        public var spend: Double
        /// In percent.
        public var ctr: Double

        public init(id: String, name: String, status: String, dailyBudget: Int64?, spend: Double, ctr: Double) {
            self.id = id
            self.name = name
            self.status = status
            self.dailyBudget = dailyBudget
            self.spend = spend
            self.ctr = ctr
        }
    }

    /// What was asked of it.
    public struct Request: Sendable, Equatable {
        public var method: String
        /// `/act_1/campaigns`
        public var path: String
    }

    private struct State {
        var campaigns: [Campaign] = []
        var requests: [Request] = []
        var failures = 0
        var lostAnswers = 0
        var made: [String: Timestamp] = [:]
    }

    public static let account = "77"
    public static let token = "EAAB-canary-of-meta"

    private let state = Mutex(State())
    private let server: HTTPServer
    public let base: String

    public init(_ campaigns: [Campaign]) throws {
        let box = Box()
        var router = Router()
        for method in [HTTPMethod.get, .post, .delete] {
            for pattern in ["/{object}", "/{object}/{edge}"] { router.on(method, pattern) { try await box.owner().answer($0) } }
        }
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        server = try HTTPServer(configuration: configuration, router: router)
        base = "http://127.0.0.1:\(try server.start().port)"
        box.simulator.withLock { $0 = self }
        state.withLock { $0.campaigns = campaigns }
    }

    /// The routes are made before there is a simulator.
    private final class Box: Sendable {
        let simulator = Mutex<MetaAdsSimulator?>(nil)

        func owner() -> MetaAdsSimulator {
            guard let simulator = simulator.withLock({ $0 }) else { preconditionFailure("the simulator is being made") }
            return simulator
        }
    }

    /// Ends it; it keeps itself alive until then.
    public func stop() async { await server.drain(deadline: .zero) }

    public var campaigns: [Campaign] { state.withLock(\.campaigns) }
    public var requests: [Request] { state.withLock(\.requests) }
    /// The next so many calls are answered 503 and do nothing.
    public func fail(_ count: Int) { state.withLock { $0.failures = count } }
    /// The next so many writes are done, and answered 500.
    public func loseAnswers(_ count: Int) { state.withLock { $0.lostAnswers = count } }

    public func requests(_ method: String, _ path: String) -> Int { requests.count { $0 == Request(method: method, path: path) } }

    // MARK: Answers

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.body.collect(upTo: 65_536)
        guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
            return Self.error("Invalid OAuth access token", .badRequest)
        }
        let (object, edge) = (request.path.first ?? "", request.path.dropFirst().first)
        let isDown = state.withLock { state in
            state.requests.append(Request(method: request.method.rawValue, path: "/" + request.path.joined(separator: "/")))
            guard state.failures > 0 else { return false }
            state.failures -= 1
            return true
        }
        if isDown { return Self.error("Service temporarily unavailable", .serviceUnavailable) }
        if request.method == .get { return read(object, edge, request.query) }
        let json = body.isEmpty ? JSON.object([:]) : try JSON.parse(body)
        let answer = request.method == .delete ? change(object) { $0.status = "DELETED" } : write(object, edge, json)
        let isLost = state.withLock { state in
            guard state.lostAnswers > 0 else { return false }
            state.lostAnswers -= 1
            return true
        }
        return isLost ? Self.error("An unknown error occurred", .internalServerError) : answer
    }

    private func read(_ object: String, _ edge: String?, _ query: HTTPQuery) -> HTTPResponse {
        switch (object, edge) {
        case ("act_" + Self.account, "campaigns"):
            let wanted = (try? JSON.parse(Array((query["effective_status"] ?? "[]").utf8)))?.array?.compactMap(\.string) ?? []
            return Self.json(["data": .array(campaigns.filter { wanted.contains($0.status) }.map(shown))])
        case ("act_" + Self.account, "insights"):
            let total = campaigns.reduce(0) { $0 + $1.spend }
            return Self.json(["data": [["spend": .string("\(total)"), "impressions": "1000", "clicks": "20"]]])
        case (_, "insights"):
            guard let campaign = campaigns.first(where: { $0.id == object }) else { return Self.missing(object) }
            guard campaign.spend > 0 else { return Self.json(["data": []]) }
            return Self.json([
                "data": [["impressions": "900", "clicks": "18", "ctr": .string("\(campaign.ctr)"), "spend": .string("\(campaign.spend)")]]
            ])
        case (_, nil):
            guard let campaign = campaigns.first(where: { $0.id == object }) else { return Self.missing(object) }
            return Self.json(shown(campaign))
        default: return Self.missing(object)
        }
    }

    private func write(_ object: String, _ edge: String?, _ body: JSON) -> HTTPResponse {
        guard edge == "campaigns" else {
            return change(object) { campaign in
                if let status = body["status"]?.string { campaign.status = status }
                if let budget = body["daily_budget"]?.int { campaign.dailyBudget = budget }
            }
        }
        guard object == "act_" + Self.account, let name = body["name"]?.string, let status = body["status"]?.string,
            body["special_ad_categories"] == []
        else { return Self.error("Invalid parameter", .badRequest) }
        return state.withLock { state in
            let id = "\(9_000 + state.campaigns.count)"
            state.campaigns.append(
                Campaign(id: id, name: name, status: status, dailyBudget: body["daily_budget"]?.int, spend: 0, ctr: 0)
            )
            state.made[id] = SystemClock().now()
            return Self.json(["id": .string(id)])
        }
    }

    private func change(_ id: String, _ change: (inout Campaign) -> Void) -> HTTPResponse {
        state.withLock { state in
            guard let index = state.campaigns.firstIndex(where: { $0.id == id }) else { return Self.missing(id) }
            change(&state.campaigns[index])
            return Self.json(["success": true])
        }
    }

    private func shown(_ campaign: Campaign) -> JSON {
        let made = state.withLock { $0.made[campaign.id] }.map { $0.rfc3339.prefix(19) + "+0000" } ?? "2026-01-02T03:04:05+0000"
        var object: JSONObject = [
            "id": .string(campaign.id), "name": .string(campaign.name), "status": .string(campaign.status), "objective": "OUTCOME_SALES",
            "created_time": .string(String(made)),
        ]
        object["daily_budget"] = campaign.dailyBudget.map { .string("\($0)") }
        return .object(object)
    }

    private static func missing(_ id: String) -> HTTPResponse { error("Object with ID '\(id)' does not exist", .badRequest) }

    private static func error(_ message: String, _ status: HTTPStatus) -> HTTPResponse {
        json(["error": ["message": .string(message), "type": "OAuthException", "code": 100]], status)
    }

    private static func json(_ json: JSON, _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(json.bytes))
    }
}
