import BatutaAgents
import BatutaCore
import BatutaStorage

extension NodeSettings {
    /// Where Redis is. nil without one; and on SQLite, where nobody else is to be heard, so that a `REDIS_URL` that is meant for another program does no harm.
    ///
    /// - Throws: `CommandFailure`, when it cannot be read.
    func redisAddress() throws -> RedisAddress? {
        guard let redis, store.isShared || redis.source.hasPrefix("--") else { return nil }
        do throws(RedisAddress.Problem) {
            let address = try RedisAddress(redis.value)
            return store.isShared ? address : nil
        } catch {
            throw bad(redis, Self.expected(error))
        }
    }

    private static func expected(_ problem: RedisAddress.Problem) -> Words {
        switch problem {
        case .unreadable:
            Words("redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]", "redis://[USUÁRIO:SENHA@]HOST[:PORTA][/BANCO]")
        case .wantsTLS:
            Words(
                "redis://…: this version speaks to Redis without TLS only (the hiredis of Debian 12 has none). Inside a private network use redis://, or "
                    + "put a TLS tunnel such as stunnel before it",
                "redis://…: esta versão só fala com o Redis sem TLS (o hiredis do Debian 12 não tem). Numa rede privada use redis://, ou ponha na frente "
                    + "um túnel TLS, como o stunnel"
            )
        }
    }
}
