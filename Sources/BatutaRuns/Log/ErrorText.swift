import BatutaCore

/// What people read when something failed, by its code (API §5, Ends): what it means first, then what exactly was said.
enum ErrorText {
    static func text(for event: ErrorEvent, portuguese: Bool) -> String {
        let opening = portuguese ? "Erro: " : "Error: "
        if event.code == "budget_exceeded", let said = BudgetText(event.details) {
            return opening + said.words(portuguese ? .portuguese : .english)
        }
        let said = ErrorPhrases.text(event.message, portuguese ? .portuguese : .english)
        guard let meaning = portuguese ? meaningInPortuguese(event.code) : meaningInEnglish(event.code) else { return opening + said }
        return opening + meaning + (said.isEmpty ? "" : " (\(said))")
    }

    private static func meaningInEnglish(_ code: String) -> String? {
        switch code {
        case "model_unavailable": "the model could not be reached. Try again in a moment."
        case "model_timeout": "the model took too long to answer. Try again, or raise its time-out."
        case "model_rate_limited": "the model's provider takes no more requests right now. Try again in a minute."
        case "model_rejected": "the model's provider refused the request. Check the key, the model's name and the account."
        case "model_bad_answer": "the model's answer could not be understood. Try again, or choose another model."
        case "rehearsal_error": "the rehearsal's script cannot go on; no model was asked."
        case "limit_model_calls": "the run reached its limit of model calls."
        case "limit_tool_calls": "the run reached its limit of tool calls."
        case "limit_work_time": "the run reached its limit of working time."
        case "loop_detected": "the run was going in circles and was stopped."
        case "budget_exceeded": "the budget is used up."
        case "refused_by_policy": "a policy of this project refuses it."
        case "store_restored":
            "the store was restored from a backup, and what this run did after it is not known. See what it left behind, then ask again."
        case "invalid_output": "the answer does not have the required form."
        case "invalid_variables": "the agent's instructions lack a value that fits. Whoever builds the agent must look at its variables."
        case "graph_error": "an expression of the team's graph could not be evaluated. Whoever builds the team must look at it."
        case "node_failed": "a node of the team's graph could not do its work."
        default: nil
        }
    }

    private static func meaningInPortuguese(_ code: String) -> String? {
        switch code {
        case "model_unavailable": "não deu para falar com o modelo. Tente de novo daqui a pouco."
        case "model_timeout": "o modelo demorou demais para responder. Tente de novo ou aumente o tempo limite."
        case "model_rate_limited": "o provedor do modelo não aceita mais pedidos agora. Tente de novo em um minuto."
        case "model_rejected": "o provedor do modelo recusou o pedido. Confira a chave, o nome do modelo e a conta."
        case "model_bad_answer": "não deu para entender a resposta do modelo. Tente de novo ou escolha outro modelo."
        case "rehearsal_error": "o roteiro do ensaio não tem como continuar; nenhum modelo foi chamado."
        case "limit_model_calls": "a execução chegou ao limite de chamadas ao modelo."
        case "limit_tool_calls": "a execução chegou ao limite de chamadas de ferramentas."
        case "limit_work_time": "a execução chegou ao limite de tempo de trabalho."
        case "loop_detected": "a execução estava andando em círculos e foi interrompida."
        case "budget_exceeded": "o orçamento acabou."
        case "refused_by_policy": "uma política deste projeto não permite."
        case "store_restored":
            "o armazenamento voltou de um backup, e não se sabe o que esta execução fez depois dele. Veja o que ficou feito e peça de novo."
        case "invalid_output": "a resposta não tem a forma exigida."
        case "invalid_variables": "falta às instruções do agente um valor que sirva. Quem constrói o agente precisa ver as variáveis dele."
        case "graph_error": "uma expressão do grafo da equipe não pôde ser avaliada. Quem constrói a equipe precisa ver isso."
        case "node_failed": "um nó do grafo da equipe não conseguiu fazer seu trabalho."
        default: nil
        }
    }
}
