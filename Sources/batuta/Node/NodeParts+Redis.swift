import BatutaCore
import BatutaServer
import BatutaStorage
import BatutaTelemetry

extension NodeParts {
    /// Says once when Redis goes and when it comes. It is never needed, only faster.
    func followRedis() async {
        guard let redis = bells.redis else { return }
        var wasFailing: Bool?
        while !Task.isCancelled {
            if let failure = redis.failure {
                server.status.report(redis: failure.words + consequence)
                if wasFailing != true {
                    logger.warning("Redis is not used; nothing fails without it", ["error": .string("\(failure)\(consequence.english)")])
                }
                wasFailing = true
            } else if redis.isHearing {
                server.status.report(redis: nil)
                if wasFailing != false { logger.info("Redis is connected") }
                wasFailing = false
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private var consequence: Words {
        bells.postgres == nil
            ? Words(
                " Until then nodes look at the database once a second; nothing else is lost.",
                " Enquanto isso os nós olham o banco uma vez por segundo; nada mais se perde."
            )
            : Words(
                " Until then nodes hear each other through the database; nothing is lost.",
                " Enquanto isso os nós se ouvem pelo banco de dados; nada se perde."
            )
    }
}
