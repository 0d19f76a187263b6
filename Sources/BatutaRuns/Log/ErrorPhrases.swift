public import BatutaCore

/// Our own sentences within the messages of failures, which the log holds in English once and for all, in the reader's language.
///
/// What a provider, a service or a tool said stays as it was said, also where it sounds like us: a sentence is told anew as a whole or not at all.
public enum ErrorPhrases {
    public static func text(_ message: String, _ language: Language) -> String {
        guard language == .portuguese else { return message }
        var effort = PhraseEffort()
        return portuguese(message, depth: 0, &effort)
    }

    /// Sentences within sentences: a node's failure is a run's, and that one a call's.
    private static let deepest = 12

    private static func portuguese(_ message: String, depth: Int, _ effort: inout PhraseEffort) -> String {
        guard depth < deepest else { return message }
        for phrase in phrases {
            if let told = phrase.portuguese(of: message, &effort, tell: { portuguese($0, depth: depth + 1, &$1) }) { return told }
        }
        return message
    }

    private static let phrases = runs + teams + people + models + connections + tools

    // MARK: Runs

    private static let runs = [
        Phrase("The run asked for {#} tool calls; the limit is {#}.", "A execução pediu {#} chamadas de ferramentas; o limite é {#}."),
        Phrase(
            "The run and its members asked for {#} tool calls; the limit is {#}.",
            "A execução e seus membros pediram {#} chamadas de ferramentas; o limite é {#}."
        ),
        Phrase("The graph asked for {#} calls; the limit is {#}.", "O grafo pediu {#} chamadas; o limite é {#}."),
        // Logs of earlier versions.
        Phrase("The run made {#} tool calls; the limit is {#}.", "A execução pediu {#} chamadas de ferramentas; o limite é {#}."),
        Phrase("The run made {#} model calls; the limit is {#}.", "A execução fez {#} chamadas ao modelo; o limite é {#}."),
        Phrase(
            "The run and its members made {#} model calls; the limit is {#}.",
            "A execução e seus membros fizeram {#} chamadas ao modelo; o limite é {#}."
        ),
        Phrase("The run worked for {#} s; the limit is {#} s.", "A execução trabalhou por {#} s; o limite é {#} s."),
        Phrase("The graph worked for {#} s; the limit is {#} s.", "O grafo trabalhou por {#} s; o limite é {#} s."),
        Phrase(
            "The run and its members worked for {#} s, which is the limit.",
            "A execução e seus membros trabalharam por {#} s, que é o limite."
        ),
        Phrase(
            "The run worked for {#} s, which is the limit: the model call that was under way was cut.",
            "A execução trabalhou por {#} s, que é o limite: a chamada ao modelo que estava em curso foi interrompida."
        ),
        Phrase(
            "The run worked for {#} s, which is the limit: it waited for other calls to give back what they hold of the budget {}.",
            "A execução trabalhou por {#} s, que é o limite: esperou que outras chamadas devolvessem o que reservaram do orçamento {}."
        ),
        Phrase(
            "The model may be asked again in {#} s; until then the limit of {#} s is over.",
            "O modelo só pode ser chamado de novo em {#} s; até lá passa o limite de {#} s."
        ),
        Phrase("The same call gave the same result {#} times in a row.", "A mesma chamada deu o mesmo resultado {#} vezes seguidas."),
        Phrase("The model gave no answer.", "O modelo não deu resposta."),
        Phrase(
            "The answer did not fit the agent's output_schema, {#} times: {}.",
            "A resposta não coube no output_schema do agente, {#} vezes: {}."
        ),
        Phrase("The answer does not fit the agent's output_schema: {}.", "A resposta não cabe no output_schema do agente: {}."),
        Phrase(
            "The value kept for the variable {w} is not used: it must be {w} and is {w}. The project's own is used; give another with a message or "
                + "in a new session.",
            "O valor guardado da variável {w} não é usado: precisa ser {w}, e é {w}. Vale o do projeto; mande outro com uma mensagem ou em uma "
                + "sessão nova."
        ),
        Phrase("The instructions of {w} could not be filled in: {}", "Não deu para preencher as instruções de {w}: {}"),
        Phrase(
            "The project version {w} that this run began with, or its agent {w}, cannot be loaded.",
            "Não dá para carregar a versão do projeto {w}, com que esta execução começou, ou o agente {w} dela."
        ),
        Phrase("The run cannot go on: {+}", "A execução não tem como continuar: {+}"),
        Phrase(
            "Event {#} of {w} cannot be read: {}. Restore the store from a backup.",
            "não dá para ler o evento {#} de {w}: {}. Restaure o armazenamento de um backup."
        ),
        Phrase("The store failed: {}", "o armazenamento falhou: {}"),
        Phrase("The run ended before this call was made.", "A execução terminou antes de esta chamada ser feita."),
        Phrase("The run was stopped while the call was under way.", "A execução foi interrompida durante a chamada."),
        Phrase("The run was stopped before anyone answered.", "A execução foi interrompida antes de alguém responder."),
    ]

    // MARK: Teams

    private static let teams = [
        Phrase("The node {w} failed: {+}", "O nó {w} falhou: {+}"),
        Phrase("It gave no reason.", "não disse por quê."),
        Phrase(
            "The node {w} cannot begin: {} has no value, no such key: {}",
            "O nó {w} não pode começar: {} não tem valor, não existe a chave {}"
        ),
        Phrase("The node {w} cannot begin: {}", "O nó {w} não pode começar: {}"),
        Phrase("The graph has no node {w}.", "O grafo não tem o nó {w}."),
        Phrase("An edge from {w} cannot be decided: {}", "Uma aresta de {w} não pode ser decidida: {}"),
        Phrase(
            "Nobody of this name is there to do this; ask somebody else.",
            "Não há ninguém com esse nome para fazer isto; peça a outro membro."
        ),
        Phrase("The member was stopped before it had an answer.", "O membro foi interrompido antes de ter uma resposta."),
        Phrase(
            "The team's run ended before this member had an answer.",
            "A execução da equipe terminou antes de este membro ter uma resposta."
        ),
        Phrase(
            "Agents asked each other {#} levels deep; this one was not asked any more.",
            "Agentes pediram uns aos outros, {#} níveis abaixo; este não foi mais chamado."
        ),
    ]

    // MARK: People

    private static let people = [
        Phrase("A human rejected this call; it was not made.", "Uma pessoa recusou esta chamada; ela não foi feita."),
        Phrase("A human rejected this call; it was not made. Note: {}", "Uma pessoa recusou esta chamada; ela não foi feita. Nota: {}"),
        Phrase(
            "Nobody answered the request for approval in time; the call was not made.",
            "Ninguém respondeu ao pedido de aprovação a tempo; a chamada não foi feita."
        ),
        Phrase(
            "It is not known whether the call had its effect; a human decided not to repeat it.",
            "Não se sabe se a chamada teve efeito; uma pessoa decidiu não repeti-la."
        ),
        Phrase(
            "It is not known whether the call had its effect; a human decided not to repeat it. Note: {}",
            "Não se sabe se a chamada teve efeito; uma pessoa decidiu não repeti-la. Nota: {}"
        ),
        Phrase(
            "It is not known whether the call had its effect; nobody said so in time. It was not repeated.",
            "Não se sabe se a chamada teve efeito; ninguém disse a tempo. Ela não foi repetida."
        ),
        Phrase(
            "The call was interrupted; it is not known whether it had its effect. Check before repeating it.",
            "A chamada foi interrompida; não se sabe se teve efeito. Confira antes de repeti-la."
        ),
    ]

    // MARK: Models

    private static let models = [
        Phrase(
            "The rehearsal script with when: “{}” fails in step {#}: {}. Correct it in {w}.",
            "O roteiro de ensaio com when: “{}” falha no passo {#}: {}. Corrija-o em {w}."
        ),
        Phrase(
            "The rehearsal script without when fails in step {#}: {}. Correct it in {w}.",
            "O roteiro de ensaio sem when falha no passo {#}: {}. Corrija-o em {w}."
        ),
        Phrase("{w} ({}) is asked instead of {w} ({}). {+}", "{w} ({}) é consultado no lugar de {w} ({}). {+}"),
        // Logs of earlier versions.
        Phrase("{+} Instead of {w} ({}), {w} ({}) is asked.", "{+} No lugar de {w} ({}), pergunta-se a {w} ({})."),
        Phrase(
            "{w} was not asked: {} failed {#} times in a row. It is tried again in {#} s.",
            "{w} não foi chamado: {} falhou {#} vezes seguidas. Nova tentativa em {#} s."
        ),
        Phrase("{w} answered {#}: {} ({+})", "{w} respondeu {#}: {} ({+})"),
        Phrase("{w} answered {#}: {}", "{w} respondeu {#}: {}"),
        Phrase("{w} answered {#} ({+})", "{w} respondeu {#} ({+})"),
        Phrase("{w} answered {#}", "{w} respondeu {#}"),
        Phrase("{w} failed in the middle of the answer: {} ({+})", "{w} falhou no meio da resposta: {} ({+})"),
        Phrase("{w} failed in the middle of the answer: {}", "{w} falhou no meio da resposta: {}"),
        Phrase("{w} failed in the middle of the answer", "{w} falhou no meio da resposta"),
        Phrase("{w}: {+} Check base_url.", "{w}: {+} Confira o base_url."),
        // What stands in brackets after an answer.
        Phrase("check the provider's api_key", "confira o api_key do provedor"),
        Phrase("add credit to the provider's account", "ponha crédito na conta do provedor"),
        Phrase("check the model's name and base_url", "confira o nome do modelo e o base_url"),
        Phrase("check plan and billing at the provider", "confira o plano e a cobrança no provedor"),
        Phrase("check the model's settings", "confira as configurações do modelo"),
        Phrase(
            "the conversation is too large for this model: lower limits.context_tokens",
            "a conversa é grande demais para este modelo: diminua limits.context_tokens"
        ),
        Phrase(
            "the conversation is too long for this model: lower limits.context_tokens",
            "a conversa é longa demais para este modelo: diminua limits.context_tokens"
        ),
        Phrase(
            "redirects are not followed: put the final address into base_url",
            "redirecionamentos não são seguidos: ponha o endereço final em base_url"
        ),
        Phrase("check that base_url is an OpenAI-compatible API", "confira se o base_url é uma API compatível com a OpenAI"),
        Phrase("check {w}", "confira {w}"),
    ]

    // MARK: Connections

    private static let connections = [
        Phrase(
            "The name of {w} has no address; check the name and the resolver.",
            "O nome de {w} não tem endereço; confira o nome e o DNS."
        ),
        Phrase(
            "{w} refuses connections; check that it runs and the port is right.",
            "{w} recusa conexões; confira se está no ar e se a porta está certa."
        ),
        Phrase("No connection to {w}; check the network between.", "Sem conexão com {w}; confira a rede entre os dois."),
        Phrase("No connection to {w} within the connect time-out.", "Sem conexão com {w} dentro do tempo de conexão."),
        Phrase(
            "{w} sent no response within the time-out to the first byte.",
            "{w} não começou a responder dentro do tempo limite."
        ),
        Phrase("{w} fell silent in the middle of its response.", "{w} ficou em silêncio no meio da resposta."),
        Phrase("The exchange with {w} took longer than its total time-out.", "A troca com {w} passou do tempo total."),
        Phrase("TLS with {w} failed; check its certificate.", "O TLS com {w} falhou; confira o certificado."),
        Phrase(
            "{w} closed the connection before its response was complete.",
            "{w} fechou a conexão antes de completar a resposta."
        ),
        Phrase("{w} sent something that is no HTTP response.", "{w} enviou algo que não é uma resposta HTTP."),
    ]

    // MARK: Tools

    private static let tools = [
        Phrase("{+} ({#} attempts)", "{+} ({#} tentativas)"),
        Phrase(
            "{w} changes something outside and was not called: this is a rehearsal.",
            "{w} muda algo lá fora e não foi chamada: isto é um ensaio."
        ),
        Phrase("{w} was stopped by the caller. No further attempt is made.", "{w} foi interrompida. Não há nova tentativa."),
        Phrase(
            "{w} was stopped by the caller. It may or may not have taken effect.",
            "{w} foi interrompida. Pode ter tido efeito ou não."
        ),
    ]
}
