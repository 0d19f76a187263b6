import BatutaCore

/// What people read when a budget has no room, from the figures in the event.
struct BudgetText {
    private let budget: String
    private let spent: Int64
    private let reserved: Int64
    private let limit: Int64
    private let needed: Int64
    private let renewal: Words

    /// nil when the figures are not all there.
    init?(_ details: JSON?) {
        guard let details, let budget = details["budget"]?.string, let spent = details["spent_usd"].flatMap(NanoUSD.read),
            let reserved = details["reserved_usd"].flatMap(NanoUSD.read), let limit = details["limit_usd"].flatMap(NanoUSD.read),
            let needed = details["needed_usd"].flatMap(NanoUSD.read)
        else { return nil }
        (self.budget, self.spent, self.reserved, self.limit, self.needed) = (budget, spent, reserved, limit, needed)
        renewal = Self.renewal(details)
    }

    func words(_ language: Language) -> String {
        if let model = unpricedModel {
            let words = Words(
                "a budget is set, and nobody knows what \(model) costs. Give its price under prices: in batuta.yaml.",
                "há um orçamento, e ninguém sabe quanto \(model) custa. Informe o preço em prices: no batuta.yaml."
            )
            return words(language)
        }
        func money(_ nanos: Int64) -> String { NanoUSD.text(nanos, language) }
        let figures = Words(
            "\(money(spent)) of \(money(limit)) spent, \(money(reserved)) reserved; the next call can cost \(money(needed)).",
            "\(money(spent)) de \(money(limit)) gastos, \(money(reserved)) reservados; a próxima chamada pode custar \(money(needed))."
        )
        return name(language) + " " + figures(language) + renewal(language) + remedy(language)
    }

    private var remedy: Words {
        if let schedule {
            return Words(
                " Raise cost_limit in the schedule \(schedule), or lower max_output_tokens.",
                " Aumente cost_limit no agendamento \(schedule) ou diminua max_output_tokens."
            )
        }
        if let worker {
            return Words(
                " Raise limits.cost_usd of the \(worker.english), or lower max_output_tokens.",
                " Aumente limits.cost_usd \(worker.portuguese) ou diminua max_output_tokens."
            )
        }
        switch budget {
        case "run": return Words(" Raise budgets.run, or lower max_output_tokens.", " Aumente budgets.run ou diminua max_output_tokens.")
        case "limits":
            return Words(
                " Raise limits.cost_usd in batuta.yaml, or lower max_output_tokens.",
                " Aumente limits.cost_usd no batuta.yaml ou diminua max_output_tokens."
            )
        default:
            return Words(
                " An admin can raise budgets.\(budget) in batuta.yaml.",
                " Um administrador pode aumentar budgets.\(budget) no batuta.yaml."
            )
        }
    }

    /// The agent or team whose limit it is; in Portuguese with its article (`do agente NOME`).
    private var worker: Words? {
        let words = budget.split(separator: ":", maxSplits: 1)
        guard words.count == 2 else { return nil }
        return switch words[0] {
        case "agent": Words("agent \(words[1])", "do agente \(words[1])")
        case "team": Words("team \(words[1])", "da equipe \(words[1])")
        default: nil
        }
    }

    private var unpricedModel: String? { budget.hasPrefix("price:") ? String(budget.dropFirst(6)) : nil }

    /// The schedule whose limit it is.
    private var schedule: String? { budget.hasPrefix("schedule:") ? String(budget.dropFirst(9)) : nil }

    private var name: Words {
        if let schedule {
            return Words(
                "the cost_limit of the schedule \(schedule) has no room:",
                "o cost_limit do agendamento \(schedule) não dá para continuar:"
            )
        }
        if let worker {
            return Words("the limit of the \(worker.english) has no room:", "o limite \(worker.portuguese) não dá para continuar:")
        }
        return switch budget {
        case "limits": Words("the limit of every run has no room:", "o limite de cada execução não dá para continuar:")
        case "run": Words("the budget of this run has no room:", "o orçamento desta execução não dá para continuar:")
        case "user_per_day": Words("your budget for today has no room:", "o seu orçamento de hoje não dá para continuar:")
        case "project_per_month":
            Words("the project's budget for this month has no room:", "o orçamento do projeto para este mês não dá para continuar:")
        default: Words("the budget \(budget) has no room:", "o orçamento \(budget) não dá para continuar:")
        }
    }

    /// " It renews on 2026-01-20 (America/Sao_Paulo)."
    private static func renewal(_ details: JSON) -> Words {
        guard let moment = details["renews_at"]?.string.flatMap(Timestamp.init(rfc3339:)) else { return .none }
        let zone = details["time_zone"]?.string.flatMap { TimeZoneRules.named($0) } ?? .utc
        let day = CalendarDay(moment, in: zone).text
        return Words(" It renews on \(day) (\(zone.name)).", " Ele se renova em \(day) (\(zone.name)).")
    }
}
