import BatutaCore
import BatutaHTTP
import BatutaTools

/// What the browser shows when it comes back.
struct ConnectionPage {
    let arrival: AccountConnections.Arrival

    init(_ arrival: AccountConnections.Arrival) { self.arrival = arrival }

    func response(in language: Language) -> HTTPResponse {
        var headers: HTTPHeaders = ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"]
        for field in WebHeaders.ofPages + WebHeaders.ofEveryFile { headers.add(field.name, field.value) }
        let page = """
            <!doctype html>
            <html lang="\(language == .portuguese ? "pt-BR" : "en")">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Batuta</title></head>
            <body><main><h1>\(Self.escaped(title(language)))</h1><p>\(Self.escaped(words(language)))</p>
            <p><a href="/">Batuta</a></p></main></body>
            </html>

            """
        return HTTPResponse(status: status, headers: headers, body: .bytes(Array(page.utf8)))
    }

    private var status: HTTPStatus { if case .connected = arrival { .ok } else { .badRequest } }

    private var title: Words {
        switch arrival {
        case .connected(let name): Words("\(name) is connected", "\(name) está conectada")
        case .unknown: Words("This way back is not known", "Este retorno não é conhecido")
        case .refused(let name, _): Words("\(name) was not connected", "\(name) não foi conectada")
        }
    }

    private var words: Words {
        switch arrival {
        case .connected: Words("You can close this window and go on.", "Você pode fechar esta janela e continuar.")
        case .unknown:
            Words(
                "It was begun in another browser, took longer than ten minutes, or was used already. Begin again.",
                "Foi começado em outro navegador, demorou mais de dez minutos ou já foi usado. Comece de novo."
            )
        case .refused(_, let why): why.capitalized + Words(". Begin again.", ". Comece de novo.")
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
