import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTelemetry

/// `/v1/admin/clock`: moves the project's clock on, where `BATUTA_CLOCK` set it. Without that there is no such route.
struct ClockRoutes: EndpointGroup {
    let api: API
    /// nil where the clock is the machine's.
    let advance: (@Sendable (Duration) async throws -> Void)?
    let logger: Logger

    /// Beyond this it is a typing error.
    private static let furthest = Duration.seconds(3_660 * 86_400)

    var endpoints: [Endpoint] {
        [Endpoint(.post, "/v1/admin/clock", "Move the project's clock on, where BATUTA_CLOCK set it", role: .owner, move)]
    }

    private func move(_ call: Call) async throws -> HTTPResponse {
        guard let advance else {
            let words = Words(
                "The clock is the machine's. Start the server with BATUTA_CLOCK to move it.",
                "O relógio é o da máquina. Inicie o servidor com BATUTA_CLOCK para adiantá-lo."
            )
            throw Problem(.notFound, code: "not_found", words)
        }
        var fields = try Fields(call.body, known: ["advance"])
        let duration = DurationText.duration(fields.requiredString("advance"))
        if duration.map({ $0 > Self.furthest }) ?? true {
            fields.refuse(
                "advance",
                Words("must be a duration such as 30s, 5m, 24h or 7d", "precisa ser uma duração, como 30s, 5m, 24h ou 7d")
            )
        }
        try fields.check()
        try await advance(duration ?? .zero)
        let now = api.clock.now()
        logger.warning(
            "The project's clock was moved on",
            ["by": .string(DurationText.text(duration ?? .zero)), "now": .string(now.rfc3339)]
        )
        return .json(["now": .string(now.rfc3339)])
    }
}
