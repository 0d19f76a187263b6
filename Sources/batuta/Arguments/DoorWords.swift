import BatutaCore
import BatutaHTTP

/// What people are told when the server cannot listen.
enum DoorWords {
    static func text(_ error: HTTPServerError, _ language: Language) -> String {
        let place = error.place ?? ""
        return switch error.code {
        case .addressInUse:
            Words(
                error.message,
                "Não foi possível escutar em \(place): outro processo já usa esse endereço. Pare-o, ou escolha outra porta com --port."
            )(language)
        case .bindFailed:
            Words(
                error.message,
                "Não foi possível escutar em \(place). Confira --host e --port; portas abaixo de 1024 pedem permissão."
            )(language)
        default: "\(error)"
        }
    }
}
