import BatutaCore

/// Why an account has to be connected again by a person.
enum ConnectionTrouble: Sendable, Hashable {
    /// Its token is over, and there is none for renewing it.
    case expired
    /// The service renews it no more, and said why.
    case refused(String)

    /// A sentence without a full stop.
    var words: Words {
        switch self {
        case .expired: Words("its access has expired", "o acesso dela expirou")
        case .refused(let complaint): OAuth2Failure.said(complaint)
        }
    }
}
