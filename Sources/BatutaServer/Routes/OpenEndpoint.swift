import BatutaHTTP

/// A route that needs no sign-in, because it is the way to one.
struct OpenEndpoint: Sendable {
    let method: HTTPMethod
    let path: String
    let summary: String
    var query: [String] = []
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse
}
