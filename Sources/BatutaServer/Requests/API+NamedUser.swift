import BatutaCore
import BatutaHTTP

extension Call {
    /// Whom the query means by `user_id`, or by its other word `user`, and which of the two it said.
    ///
    /// - Throws: `Problem` when the two say different things.
    func namedUser() throws(Problem) -> (name: String, field: String)? {
        let query = request.query
        guard let name = query["user_id"] else { return query["user"].map { ($0, "user") } }
        guard let other = query["user"], other != name else { return (name, "user_id") }
        let words = Words(
            "user and user_id mean the same and say different things: give one of them.",
            "user e user_id são a mesma coisa e vieram diferentes: informe só um."
        )
        throw Problem(.badRequest, code: "invalid_query", words, field: "user")
    }
}

extension API {
    /// Whether somebody who is named by `me`, by an identifier or by an e-mail address is the caller.
    func isCaller(_ name: String, _ call: Call) async throws -> Bool {
        if name == "me" || name == call.principal.id { return true }
        guard let email = EmailAddress(name) else { return false }
        return try await users.find(email: email)?.id == call.principal.id
    }
}
