public import BatutaCore

/// Which answers may be given again. Pure; whoever asks knows what the calls do and whether the run had an effect already.
public enum CachingRule {
    /// Bytes of an answer that are kept at most.
    static let longestAnswer = 64 * 1_024

    /// Whether an answer is one that another asker of the same question may have.
    ///
    /// It must have come to its own end, say something, and hold nothing that is only its provider's or its run's. Calls must be of tools that
    /// only read: those are made anew, and what they find is part of the next question.
    ///
    /// - Parameters:
    ///   - text: What passed the filter.
    ///   - isReading: Whether a call by this name only reads, and this node does it itself.
    public static func allows(_ answer: ModelAnswer, said text: String, to request: ModelRequest, isReading: (String) -> Bool) -> Bool {
        guard answer.finishReason == .stop || answer.finishReason == .toolCalls, answer.opaque == nil else { return false }
        guard !answer.calls.isEmpty || !text.isEmpty, text.utf8.count <= longestAnswer else { return false }
        for call in answer.calls {
            guard case .valid(let arguments) = call.arguments, isReading(call.tool) else { return false }
            guard arguments.bytes.count <= longestAnswer else { return false }
        }
        return !request.turns.contains { TimeWords.areIn($0) }
    }
}

/// Words that mean another thing tomorrow: what is asked with them is not kept.
enum TimeWords {
    static func areIn(_ turn: ModelTurn) -> Bool {
        switch turn {
        case .user(let text), .shown(let text, _): areIn(text)
        case .assistant, .tool: false
        }
    }

    static func areIn(_ text: String) -> Bool { areIn(PlainLetters.words(of: text)) }

    /// - Parameter plain: in small letters without accents.
    static func areIn(_ plain: [String]) -> Bool {
        for (index, word) in plain.enumerated() {
            if words.contains(word) { return true }
            if demonstratives.contains(word), index + 1 < plain.count, periods.contains(plain[index + 1]) { return true }
        }
        return false
    }

    private static let words: Set<String> = [
        "today", "tonight", "tomorrow", "yesterday", "now", "nowadays", "current", "currently", "latest", "recent", "recently", "ago",
        "soon",
        "last", "next", "yet", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
        "hoje", "amanha", "ontem", "anteontem", "agora", "atual", "atuais", "atualmente", "recente", "recentes", "recentemente", "ultimo",
        "ultima", "ultimos", "ultimas", "proximo", "proxima", "proximos", "proximas", "passado", "passada", "ainda", "feira", "sabado",
        "domingo",
    ]
    private static let demonstratives: Set<String> = [
        "this", "these", "esta", "este", "essa", "esse", "nesta", "neste", "nessa", "nesse", "desta", "deste",
    ]
    private static let periods: Set<String> = [
        "morning", "afternoon", "evening", "night", "day", "days", "week", "weekend", "month", "quarter", "year", "hour", "minute",
        "moment",
        "manha", "tarde", "noite", "dia", "semana", "mes", "trimestre", "semestre", "ano", "hora", "momento", "instante",
    ]
}
