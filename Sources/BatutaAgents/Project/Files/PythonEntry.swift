import BatutaCore

/// `python` of a tool.
struct PythonEntry: Sendable {
    var file: Located<String>?
    var function: Located<String>?
    var connections: [Located<String>] = []

    static let shape = Shape.record(
        PythonEntry(),
        Words("a function", "uma função"),
        [
            Field(
                "file",
                \.file,
                .at(.text(atMost: 200, orEmpty: false)),
                Words("A file of tools/, such as score.py.", "Um arquivo de tools/, como score.py."),
                required: true
            ),
            Field(
                "function",
                \.function,
                .at(.text(atMost: 200, orEmpty: false)),
                Words("The function's name; it needs no @tool.", "O nome da função; ela não precisa de @tool."),
                required: true
            ),
            Field(
                "connections",
                \.connections,
                .list(of: .at(.text)),
                Words(
                    "Accounts whose tokens the function gets, in context.connections.",
                    "Contas cujos tokens a função recebe, em context.connections."
                )
            ),
        ]
    )
}
