import BatutaCore

/// A database of sql tools as batuta.yaml describes it.
struct DatabaseEntry: Sendable {
    var url: Located<String>?
    var pool = Pool()
    var timeout: Duration?

    struct Pool: Sendable {
        var min = 1
        var max = 10
    }

    static let shape = Shape.record(
        DatabaseEntry(),
        Words("a database", "um banco de dados"),
        [
            Field(
                "url",
                \.url,
                .at(.text(atMost: 8_000, orEmpty: false)),
                Words(
                    "sqlite:PATH or postgres://…, usually \"${secret.NAME}\".",
                    "sqlite:CAMINHO ou postgres://…, em geral \"${secret.NOME}\"."
                ),
                required: true
            ),
            Field("pool", \.pool, pool, Words("How many connections there are.", "Quantas conexões existem.")),
            Field(
                "timeout",
                \.timeout,
                RetryEntry.timeout,
                Words(
                    "Time for a statement, waiting included; 5s unless given.",
                    "Tempo de um comando, contando a espera; sem isso, 5s."
                )
            ),
        ]
    )

    private static let pool = Shape.record(
        Pool(),
        Words("the size of a pool", "um mapeamento com o tamanho do pool"),
        [
            Field(
                "min",
                \.min,
                .whole(0...100),
                Words("Connections that stay open; 1 unless given.", "Conexões que ficam abertas; sem isso, 1.")
            ),
            Field("max", \.max, .whole(1...100), Words("Connections at most; 10 unless given.", "O máximo de conexões; sem isso, 10.")),
        ]
    ).checked { pool, node, problems in
        guard pool.min > pool.max else { return }
        problems.error(
            node.line,
            Words("`min` is \(pool.min) and `max` only \(pool.max)", "`min` é \(pool.min), mas `max` é só \(pool.max)")
        )
    }
}
