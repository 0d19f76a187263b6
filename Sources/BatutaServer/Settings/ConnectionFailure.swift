import BatutaCore
import BatutaHTTP

/// Why a model could not be connected, as a problem whose words say what to do. What the provider itself said goes along as `cause`.
struct ConnectionFailure {
    let error: ModelError
    /// The provider's name, as people know it.
    let label: String
    let address: String
    let model: String
    let hadKey: Bool
    let patience: Duration

    var problem: Problem { Problem(.unprocessableContent, code: code, words, extra: ["cause": .string(error.message)]) }

    private var code: String {
        switch error.code {
        case .rateLimited, .cancelled: ModelError.Code.unavailable.rawValue
        default: error.code.rawValue
        }
    }

    private var words: Words {
        switch error.code {
        case .rejected, .script: rejected
        case .unavailable, .cancelled: unavailable
        case .rateLimited:
            Words(
                "\(label) is turning requests away for the moment. Wait a minute and try again.",
                "\(label) está recusando pedidos por enquanto. Espere um minuto e tente de novo."
            )
        case .timeout:
            Words(
                "\(address) did not answer within \(patience.components.seconds) seconds. If it is still loading a model, wait until it is "
                    + "ready and try again; otherwise check the address.",
                "\(address) não respondeu em \(patience.components.seconds) segundos. Se ainda está carregando um modelo, espere ficar pronto "
                    + "e tente de novo; senão, confira o endereço."
            )
        case .badAnswer:
            Words(
                "What answers at \(address) is not an OpenAI-compatible API. Check the address: it usually ends in /v1.",
                "O que responde em \(address) não é uma API compatível com a da OpenAI. Confira o endereço: ele costuma terminar em /v1."
            )
        }
    }

    private var rejected: Words {
        switch error.statusCode {
        case 401, 403: refusedKey
        case 402, 429:
            Words(
                "\(label) knows the key, but the account has no credit left. Add some there and try again.",
                "\(label) reconheceu a chave, mas a conta está sem crédito. Adicione crédito por lá e tente de novo."
            )
        case 404:
            Words(
                "\(label) has no model called \(model). Check the model's name, and the address if you gave one.",
                "\(label) não tem um modelo chamado \(model). Confira o nome do modelo e, se você informou um, o endereço."
            )
        case nil:
            Words(
                "No safe connection to \(address) came about. Check the address, and the server's certificate if it begins with https.",
                "Não foi possível abrir uma conexão segura com \(address). Confira o endereço e, se for https, o certificado do servidor."
            )
        default:
            Words(
                "\(label) did not accept the request for the model \(model). Check the model's name, and whether your account may use it.",
                "\(label) não aceitou o pedido ao modelo \(model). Confira o nome do modelo e se a sua conta pode usá-lo."
            )
        }
    }

    private var refusedKey: Words {
        guard hadKey else {
            return Words("\(label) asks for a key. Give one and try again.", "\(label) pede uma chave. Informe uma e tente de novo.")
        }
        return Words(
            "\(label) refused the key. Copy it again from the provider's page, all of it, and make sure that it is still active.",
            "\(label) recusou a chave. Copie de novo na página do provedor, inteira, e veja se ela continua ativa."
        )
    }

    private var unavailable: Words {
        guard let status = error.statusCode else {
            return Words(
                "Nothing answers at \(address). Check the address, and that the server is running.",
                "Nada responde em \(address). Confira o endereço e se o servidor está ligado."
            )
        }
        return Words(
            "\(label) has trouble of its own at the moment (\(status)). Try again in a few minutes.",
            "\(label) está com problemas no momento (\(status)). Tente de novo em alguns minutos."
        )
    }
}
