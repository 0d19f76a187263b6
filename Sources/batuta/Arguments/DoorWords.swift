import BatutaCore
import BatutaHTTP

/// What people are told when the server cannot listen.
enum DoorWords {
    static func text(_ error: HTTPServerError, _ language: Language) -> String {
        switch error.code {
        case .addressInUse:
            Words(
                error.message,
                "Não foi possível escutar: outro processo já usa esse endereço. Pare-o, ou escolha outra porta com --port."
            )(language)
        case .bindFailed:
            Words(
                error.message,
                "Não foi possível escutar nesse endereço. Confira --host e --port; portas abaixo de 1024 pedem permissão."
            )(language)
        default: "\(error)"
        }
    }
}
