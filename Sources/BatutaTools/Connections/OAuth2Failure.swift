import BatutaCore

/// Why a service gave no token.
enum OAuth2Failure: Error, Sendable, Hashable {
    /// There was no answer; `detail` is what became of the connection, in English.
    case unreached(detail: String)
    /// It refused: its status, its code (RFC 6749 §5.2) and what it said.
    case refused(status: Int, code: String?, complaint: String)
    /// Its answer held no token.
    case unreadable(status: Int)
    /// The project's `token` is no address.
    case noAddress
    /// There is a token, which the store did not take.
    case notKept

    /// The codes by which a service says that a person has to agree anew: the standard's, and those of GitHub and Slack. Whatever else goes wrong,
    /// a client's secret that expired above all, an operator mends; the account is as good as before.
    private static let lost: Set<String> = ["invalid_grant", "bad_refresh_token", "invalid_refresh_token"]

    /// What the service said when only a person can help; nil when asking again later may.
    var lostGrant: String? {
        guard case .refused(_, let code?, let complaint) = self, Self.lost.contains(code) else { return nil }
        return complaint.isEmpty ? code : complaint
    }

    /// Whether the service does not want this project as a client: an operator has to look.
    var concernsClient: Bool {
        guard case .refused(let status, _, _) = self else { return self == .noAddress }
        return lostGrant == nil && status < 500 && status != 429 && status != 408
    }

    /// A sentence without a full stop.
    var words: Words {
        switch self {
        case .unreached: Words("the service could not be reached", "não foi possível falar com o serviço")
        case .refused(let status, let code, let complaint): Self.said(complaint.isEmpty ? code ?? "\(status)" : complaint)
        case .unreadable: Words("the service answered without an access_token", "o serviço respondeu sem access_token")
        case .noAddress: Words("`token` of the connection is no address", "`token` da conexão não é um endereço")
        case .notKept: Words("the account could not be kept", "não foi possível guardar a conta")
        }
    }

    /// For logs.
    var detail: String {
        switch self {
        case .unreached(let detail): detail
        case .refused(let status, let code, let complaint): "\(status) \(code ?? ""): \(complaint)"
        case .unreadable(let status): "\(status), without an access_token"
        case .noAddress, .notKept: words.english
        }
    }

    /// What a service said, as its own words.
    static func said(_ complaint: String) -> Words { Words("the service said: \(complaint)", "o serviço disse: \(complaint)") }
}
