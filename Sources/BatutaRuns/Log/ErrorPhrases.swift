public import BatutaCore

/// Our own phrases within the messages of failures, which the log holds in English once and for all, in the reader's language.
///
/// What a provider or a service said stays as it was said.
public enum ErrorPhrases {
    public static func text(_ message: String, _ language: Language) -> String {
        guard language == .portuguese else { return message }
        return phrases.reduce(message) { text, phrase in
            text.contains(phrase.english) ? text.replacing(phrase.english, with: phrase.portuguese) : text
        }
    }

    /// Longer ones before those that they contain.
    private static let phrases: [(english: String, portuguese: String)] = [
        ("The run was stopped while the call was under way.", "A execução foi interrompida durante a chamada."),
        ("A human rejected this call; it was not made.", "Uma pessoa recusou esta chamada; ela não foi feita."),
        (
            " refuses connections; check that it runs and the port is right.",
            " recusa conexões; confira se está no ar e se a porta está certa."
        ),
        ("No connection to ", "Sem conexão com "),
        (" within the connect time-out.", " dentro do tempo de conexão."),
        ("; check the network between.", "; confira a rede entre os dois."),
        (" has no address; check the name and the resolver.", " não tem endereço; confira o nome e o DNS."),
        ("The name of ", "O nome de "),
        (" sent no response within the time-out to the first byte.", " não começou a responder dentro do tempo limite."),
        (" fell silent in the middle of its response.", " ficou em silêncio no meio da resposta."),
        (" closed the connection before its response was complete.", " fechou a conexão antes de completar a resposta."),
        (" sent something that is no HTTP response.", " enviou algo que não é uma resposta HTTP."),
        (" Check base_url.", " Confira o base_url."),
        (" attempts)", " tentativas)"),
        (
            " changes something outside and was not called: this is a rehearsal.",
            " muda algo lá fora e não foi chamada: isto é um ensaio."
        ),
        ("; check its certificate.", "; confira o certificado."),
        (" failed: It gave no reason.", " falhou e não disse por quê."),
        (" failed: ", " falhou: "),
        ("The node ", "O nó "),
        (" cannot begin: ", " não pode começar: "),
        ("An edge from ", "Uma aresta de "),
        (" cannot be decided: ", " não pode ser decidida: "),
        ("The run and its members made ", "A execução e seus membros fizeram "),
        ("The run made ", "A execução fez "),
        ("The graph made ", "O grafo fez "),
        (" model calls; the limit is ", " chamadas ao modelo; o limite é "),
        (" tool calls; the limit is ", " chamadas de ferramentas; o limite é "),
        (" calls; the limit is ", " chamadas; o limite é "),
        (
            " s, which is the limit: the model call that was under way was cut.",
            " s, que é o limite: a chamada ao modelo que estava em curso foi interrompida."
        ),
        ("The model may be asked again in ", "O modelo só pode ser chamado de novo em "),
        (" s; until then the limit of ", " s; até lá passa o limite de "),
        (" s is over.", " s."),
        ("The run and its members worked for ", "A execução e seus membros trabalharam por "),
        ("The run worked for ", "A execução trabalhou por "),
        ("The graph worked for ", "O grafo trabalhou por "),
        (" s; the limit is ", " s; o limite é "),
        (
            "Nobody of this name is there to do this; ask somebody else.",
            "Não há ninguém com esse nome para fazer isto; peça a outro membro."
        ),
        ("The member was stopped before it had an answer.", "O membro foi interrompido antes de ter uma resposta."),
        (
            "The team's run ended before this member had an answer.",
            "A execução da equipe terminou antes de este membro ter uma resposta."
        ),
        ("Agents asked each other ", "Agentes pediram uns aos outros, "),
        (" levels deep; this one was not asked any more.", " níveis abaixo; este não foi mais chamado."),
        ("TLS with ", "O TLS com "),
        (" failed in the middle of the answer", " falhou no meio da resposta"),
        (" answered ", " respondeu "),
        ("(check the provider's api_key)", "(confira o api_key do provedor)"),
        ("(add credit to the provider's account)", "(ponha crédito na conta do provedor)"),
        ("(check the model's name and base_url)", "(confira o nome do modelo e o base_url)"),
        ("(check plan and billing at the provider)", "(confira o plano e a cobrança no provedor)"),
        ("(check the model's settings)", "(confira as configurações do modelo)"),
        ("(check that base_url is an OpenAI-compatible API)", "(confira se o base_url é uma API compatível com a OpenAI)"),
        ("(check ", "(confira "),
    ]
}
