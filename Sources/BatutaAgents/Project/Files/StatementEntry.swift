import BatutaCore
import BatutaTools

/// `sql` of a tool.
struct StatementEntry: Sendable {
    var database: Located<String>?
    var query: Located<String>?
    var rows = SQLToolDefinition.Rows.many
    var values: YAMLNode?
    var limit = 1_000

    static let shape = Shape.record(
        StatementEntry(),
        Words("a statement", "um comando SQL"),
        [
            Field(
                "database",
                \.database,
                .at(.text),
                Words("A name under `databases`.", "Um nome de `databases`."),
                required: true
            ),
            Field(
                "query",
                \.query,
                .at(.text(atMost: 100_000, orEmpty: false)),
                Words(
                    "One statement; :name is the parameter of that name.",
                    "Um comando só; :nome é o parâmetro com esse nome."
                ),
                required: true
            ),
            Field(
                "rows",
                \.rows,
                .word,
                Words(
                    "one: an object or null; many: a list; many unless given.",
                    "one: um objeto ou null; many: uma lista; sem isso, many."
                )
            ),
            Field(
                "values",
                \.values,
                .mapping,
                Words(
                    "Values of names that the model does not choose, such as user: \"${user.id}\".",
                    "Valores de nomes que o modelo não escolhe, como user: \"${user.id}\"."
                )
            ),
            Field(
                "limit",
                \.limit,
                .whole(1...10_000),
                Words("Rows that an answer may have; 1000 unless given.", "Quantas linhas a resposta pode ter; sem isso, 1000.")
            ),
        ]
    )
}
