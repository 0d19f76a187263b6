import BatutaCore

/// One option of a command: `--name VALUE` or the flag `--name`. Every option can also come from the environment as `BATUTA_NAME`.
struct Option: Sendable {
    let name: String
    /// What stands for the value in the help; nil for a flag.
    let value: String?
    let help: Words

    static func flag(_ name: String, _ help: Words) -> Option { Option(name: name, value: nil, help: help) }
    static func value(_ name: String, _ value: String, _ help: Words) -> Option { Option(name: name, value: value, help: help) }

    /// `--drain-timeout` is `BATUTA_DRAIN_TIMEOUT`.
    var variable: String { "BATUTA_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }
}

extension Option {
    static let project = Option.value("project", "DIR", Words("the project's folder (default .)", "a pasta do projeto (padrão .)"))
    static let database = Option.value(
        "database",
        "URL",
        Words(
            "sqlite:PATH or postgres://… (default sqlite:DIR/.batuta/batuta.db)",
            "sqlite:CAMINHO ou postgres://… (padrão sqlite:DIR/.batuta/batuta.db)"
        )
    )
    static let redis = Option.value(
        "redis",
        "URL",
        Words("redis://HOST, so that many nodes hear each other sooner", "redis://HOST, para vários nós se ouvirem mais depressa")
    )
    static let server = Option.value("server", "URL", Words("talk to a running server", "fala com um servidor em execução"))
    static let key = Option.value("key", "KEY", Words("API key for --server (or BATUTA_KEY)", "chave de API para --server (ou BATUTA_KEY)"))
    static let rehearse = Option.flag(
        "rehearse",
        Words("answer from the project's scripts, no model is called", "responde pelos roteiros do projeto, nenhum modelo é chamado")
    )
    static let help = Option.flag("help", Words("show this help", "mostra esta ajuda"))
}
