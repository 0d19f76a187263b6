/// Puts an address together from the parts of its template (PROJECT.md, Values).
///
/// Values of the project's files, environment and secrets go in as they are; everything else is percent-encoded as one path segment or
/// query value, so that no value can reach into another segment, the host, or the query.
struct AddressAssembly: Sendable {
    enum Part: Sendable, Hashable {
        /// Literal text, `env` and `secret`.
        case project(String)
        /// `connection`: as it is, but its host is not the project's choice.
        case connection(String)
        /// A parameter or anything that depends on one; `name` is how the template calls it.
        case value(String, name: String)
    }

    /// What is wrong, in words for the model.
    struct Problem: Error, Hashable {
        var words: String
    }

    private var text = ""
    private(set) var host = WebRequest.Host.trusted

    static func address(of parts: [Part]) throws(Problem) -> (WebAddress, WebRequest.Host) {
        var assembly = AddressAssembly()
        for part in parts { try assembly.append(part) }
        guard let address = WebAddress(assembly.text) else {
            throw Problem(words: "the tool's url does not come out as an http or https address")
        }
        try refuseDots(in: address)
        return (address, assembly.host)
    }

    private mutating func append(_ part: Part) throws(Problem) {
        switch part {
        case .project(let text): self.text += text
        case .connection(let text):
            if !hostIsComplete { host = .chosen }
            self.text += text
        case .value(let value, let name):
            if !hostIsComplete { host = .chosen }
            if value.isEmpty, !self.text.contains("?") { throw Problem(words: "\(name) is empty, but the address needs it") }
            if value == "." || value == ".." { throw Problem(words: "\(name) is \(quoted(value)), which is not allowed in an address") }
            self.text += PercentEncoding.component(value)
        }
    }

    /// Whether the text so far reaches beyond the authority, so that what follows cannot change the host.
    private var hostIsComplete: Bool {
        guard let mark = text.firstRange(of: "://") else { return false }
        return text[mark.upperBound...].contains { $0 == "/" || $0 == "?" || $0 == "#" }
    }

    /// Also where a value completes a segment, `/.${x}` with `.`, and where an account's value, which goes in as it is, brings one: services
    /// and proxies take `%2e` for a dot (RFC 3986 §6.2.2.2).
    private static func refuseDots(in address: WebAddress) throws(Problem) {
        let path = address.target.prefix { $0 != "?" }
        guard path.split(separator: "/").contains(where: { [".", ".."].contains($0.lowercased().replacing("%2e", with: ".")) }) else {
            return
        }
        throw Problem(words: "the address would hold a . or .. segment, which is not allowed")
    }
}
