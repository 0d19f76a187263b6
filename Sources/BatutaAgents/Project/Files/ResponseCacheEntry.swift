import BatutaCore

/// When an answer that was given before is given again (`response_cache`): a word, or a mapping with the details.
struct ResponseCacheEntry: Sendable {
    var mode: ResponseCachePolicy.Mode?
    var ttl: Duration?
    var threshold: Double?
    var shadow: Bool?

    var policy: ResponseCachePolicy {
        var policy = ResponseCachePolicy(mode: mode ?? .off)
        if let ttl { policy.lifetime = ttl }
        if let threshold { policy.threshold = threshold }
        policy.isShadow = shadow ?? false
        return policy
    }

    static let shape = Shape.record(
        ResponseCacheEntry(),
        Words("a mapping with `mode`, `ttl`, `threshold` and `shadow`", "um mapeamento com `mode`, `ttl`, `threshold` e `shadow`"),
        [
            Field(
                "mode",
                \.mode,
                mode,
                Words(
                    "off: the model is always asked. exact: not when the whole request is the same. semantic: nor when a session's first question says the same.",
                    "off: o modelo é sempre consultado. exact: não, se o pedido inteiro é igual. semantic: nem quando a primeira pergunta da sessão diz o mesmo."
                ),
                required: true
            ),
            Field(
                "ttl",
                \.ttl,
                .duration(.seconds(1)...(.seconds(365 * 86_400))),
                Words("How long an answer stays good; 24h unless given.", "Por quanto tempo a resposta vale; sem isso, 24h.")
            ),
            Field(
                "threshold",
                \.threshold,
                .number(0.8...1),
                Words(
                    "How alike two questions have to be, as the cosine of their vectors; 0.90 unless given. Never enough alone.",
                    "Quão parecidas duas perguntas devem ser, pelo cosseno dos vetores; sem isso, 0.90. Nunca basta sozinho."
                )
            ),
            Field(
                "shadow",
                \.shadow,
                .flag,
                Words(
                    "true: what asked the same in other words is noted and compared, and the model is asked all the same.",
                    "true: o que pergunta o mesmo com outras palavras é anotado e comparado, e o modelo é consultado assim mesmo."
                )
            ),
        ]
    ).checked { entry, node, problems in
        guard let mode = entry.mode, mode != .semantic else { return }
        for (key, isGiven) in [("threshold", entry.threshold != nil), ("shadow", entry.shadow == true)] where isGiven {
            problems.warning(
                node[key]?.line ?? node.line,
                Words("`\(key)` has no effect with mode `\(mode.rawValue)`", "`\(key)` não tem efeito com o modo `\(mode.rawValue)`"),
                hint: Words("remove it, or say mode: semantic", "remova-o, ou diga mode: semantic")
            )
        }
    }.orPlain(mode.map { ResponseCacheEntry(mode: $0) })

    /// One of the words; `false` says `off` in other dialects of YAML.
    private static let mode: Shape<ResponseCachePolicy.Mode> = {
        var shape = Shape<ResponseCachePolicy.Mode>.word
        let words = shape.read
        shape.read = { node, problems in
            guard case .bool(let flag) = node.content else { return words(node, &problems) }
            if !flag { return .off }
            let message = Words("`response_cache` is no yes or no", "`response_cache` não é sim ou não")
            problems.error(node.line, message, hint: Words("write exact or semantic", "escreva exact ou semantic"))
            return nil
        }
        return shape
    }()
}
