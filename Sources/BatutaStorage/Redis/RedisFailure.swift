public import BatutaCore

/// Why a Redis cannot be used now.
public struct RedisFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Nobody answers there, or no longer.
        case unreachable
        /// User or password are wrong, or missing.
        case unknownUser
        /// The user may not do what the bell needs.
        case forbidden
        /// It answers with an error of another kind.
        case refused
    }

    public let kind: Kind
    /// Host and port.
    public let place: String
    /// The words of the server or of the system.
    public let cause: String

    init(_ kind: Kind, _ place: String, _ cause: String) {
        (self.kind, self.place, self.cause) = (kind, place, cause)
    }

    /// An error that the server answered, by its first word.
    init(answer: String, from place: String) {
        switch answer.prefix(while: { $0 != " " }) {
        case "NOAUTH", "WRONGPASS": self.init(.unknownUser, place, answer)
        // What a server without any password says of one, and one before version 6 of a wrong one.
        case "ERR" where answer.contains("password"): self.init(.unknownUser, place, answer)
        case "NOPERM": self.init(.forbidden, place, answer)
        default: self.init(.refused, place, answer)
        }
    }

    public var description: String { kind == .refused ? words.english : words.english + " (\(cause))" }

    /// What it means and what to do about it.
    public var words: Words {
        switch kind {
        case .unreachable:
            Words(
                "Redis at \(place) does not answer: check that it runs and can be reached from here.",
                "O Redis em \(place) não responde: confira se está no ar e se dá para chegar a ele daqui."
            )
        case .unknownUser:
            Words(
                "Redis at \(place) does not accept the user or the password: put the right ones into its URL, before the @. Users of an ACL are gone after a restart unless they are in a file.",
                "O Redis em \(place) não aceita o usuário ou a senha: ponha os certos na URL dele, antes do @. Usuários de ACL somem num reinício, a menos que estejam num arquivo."
            )
        case .forbidden:
            Words(
                "Redis at \(place) does not let this user ring: allow it with ACL SETUSER … +ping +publish +subscribe &batuta:*.",
                "O Redis em \(place) não deixa este usuário tocar o sino: autorize com ACL SETUSER … +ping +publish +subscribe &batuta:*."
            )
        case .refused:
            Words(
                "Redis at \(place) refuses: \(cause).",
                "O Redis em \(place) recusa: \(cause)."
            )
        }
    }
}
