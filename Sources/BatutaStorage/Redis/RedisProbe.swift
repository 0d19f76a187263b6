/// Whether a Redis can be used, without a bell.
public enum RedisProbe {
    /// The server's version, as it tells it. Blocks for at most about 4 s.
    public static func version(_ address: RedisAddress) throws(RedisFailure) -> String {
        let answer = try RedisConnection(address).ask(["INFO", "server"]).text ?? ""
        let field = "redis_version:"
        let line = answer.split(whereSeparator: \.isNewline).first { $0.hasPrefix(field) }
        return line.map { String($0.dropFirst(field.count)) } ?? "?"
    }
}
