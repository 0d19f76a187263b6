/// A request as tools make it.
struct WebRequest: Sendable {
    /// Who chose the host decides where it may lie.
    enum Host: Sendable, Hashable {
        /// Written in the project's files or environment.
        case trusted
        /// Chosen by a model, a parameter or an account: public addresses, and what the project allows.
        case chosen
    }

    var method: String
    var address: WebAddress
    var headers: [(String, String)] = []
    /// nil sends none.
    var body: [UInt8]?
    var host: Host = .chosen
    var timeout: Duration
    var maximumBytes: Int
    /// Whether the client may send it again by itself when a kept connection turns out dead.
    var mayRepeat = false
}
