import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels

/// `/v1/usage` and `/v1/budgets`: what models were used and cost, and how much may still be spent. Everybody sees their own, admins all.
struct UsageRoutes: EndpointGroup {
    let api: API
    let usage: UsageStore

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/usage",
                "Tokens, calls, costs and what caches saved; by day, agent, team, model, provider and user",
                query: ["from", "to", "group_by", "user_id", "user"],
                report
            ),
            Endpoint(.get, "/v1/budgets", "Budgets, what is spent of them and when they renew", query: ["user_id", "user"], budgets),
        ]
    }

    // MARK: Usage

    private func report(_ call: Call) async throws -> HTTPResponse {
        let zone = api.engine.billingZone
        let today = CalendarDay(api.clock.now(), in: zone)
        let last = try day("to", call) ?? max(today, try day("from", call) ?? today)
        let first = try day("from", call) ?? last.beginningOfMonth
        try check(first, last)
        let parts = try parts(call)
        guard let lines = try await usage.report(first, last, of: try await user(call), by: Set(parts)) else {
            let words = Words(
                "More than \(UsageStore.mostLines) lines: ask for fewer days, or group by less.",
                "São mais de \(UsageStore.mostLines) linhas: peça menos dias ou agrupe por menos coisas."
            )
            throw Problem(.badRequest, code: "too_many_lines", words, field: "group_by")
        }
        let names = try await api.names(of: Set(lines.compactMap(\.user)))
        let total = lines.reduce(UsageFigures()) { $0 + $1.figures }
        return .json([
            "from": .string(first.text), "to": .string(last.text), "time_zone": .string(zone.name),
            "group_by": .array(parts.map { .string($0.rawValue) }), "data": .array(lines.map { $0.json(names) }),
            "total": .object(total.json), "next_cursor": nil,
        ])
    }

    private func day(_ name: String, _ call: Call) throws -> CalendarDay? {
        guard let text = call.request.query[name] else { return nil }
        guard let day = CalendarDay(text) else {
            let words = Words("\(name) must be a day such as 2026-01-19.", "\(name) precisa ser um dia, como 2026-01-19.")
            throw Problem(.badRequest, code: "invalid_query", words, field: name)
        }
        return day
    }

    private func check(_ first: CalendarDay, _ last: CalendarDay) throws {
        guard first > last || last.number - first.number >= Self.mostDays else { return }
        let words =
            first > last
            ? Words("from is after to.", "from vem depois de to.")
            : Words("At most \(Self.mostDays) days can be asked for.", "Dá para pedir no máximo \(Self.mostDays) dias.")
        throw Problem(.badRequest, code: "invalid_query", words, field: "from")
    }

    private static let mostDays = 366

    /// In the order in which they were asked for.
    private func parts(_ call: Call) throws -> [UsageStore.Part] {
        let wanted = call.request.query["group_by"] ?? "day"
        let names = wanted.isEmpty ? [] : wanted.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return try names.map { name in
            guard let part = UsageStore.Part(rawValue: name) else {
                let known = UsageStore.Part.allCases.map(\.rawValue).joined(separator: ", ")
                let words = Words("group_by takes \(known), with commas between.", "group_by aceita \(known), separados por vírgula.")
                throw Problem(.badRequest, code: "invalid_query", words, field: "group_by")
            }
            return part
        }
    }

    /// Whose lines the caller sees; nil is everybody's. Named by identifier, also a key's that is no user's, or by e-mail address.
    private func user(_ call: Call) async throws -> String? {
        guard let (wanted, field) = try call.namedUser() else { return call.principal.rowOwner }
        if try await api.isCaller(wanted, call) { return call.principal.id }
        try call.require(.admin)
        guard let found = try await api.principal(named: wanted) else { throw noSuchUser(wanted, field) }
        return found
    }

    private func noSuchUser(_ wanted: String, _ field: String) -> Problem {
        let shown = String(wanted.prefix(300))
        let words = Words(
            "There is no user \(shown): give an identifier (usr_…, or key_… of a key that is no user's), an e-mail address, or me.",
            "Não existe a pessoa \(shown): informe um identificador (usr_…, ou key_… de uma chave que não é de ninguém), um e-mail ou me."
        )
        return Problem(.notFound, code: "not_found", words, field: field)
    }

    // MARK: Budgets

    /// The project's own is shown to admins only; what runs of schedules may cost, to whoever builds them.
    private func budgets(_ call: Call) async throws -> HTTPResponse {
        let user = try await user(call) ?? call.principal.id
        let (budgets, standings) = try await api.engine.budgets(of: user)
        let seen = standings.filter { $0.user != nil || call.principal.role >= .admin }
        var runs = budgets.run.map { [("run", $0)] } ?? []
        if call.principal.role >= .builder { runs += api.engine.scheduleLimits.map { (BudgetRefusal.name(ofSchedule: $0.name), $0.limit) } }
        let lines = runs.map { name, limit -> JSON in ["budget": .string(name), "limit_usd": .number(NanoUSD.number(limit))] }
        return .json(["time_zone": .string(budgets.zone.name), "data": .array(lines + seen.map(\.json)), "next_cursor": nil])
    }
}

extension UsageStore.Line {
    fileprivate func json(_ names: [String: String]) -> JSON {
        var object = JSONObject()
        object["day"] = day.map { .string($0.text) }
        object["agent"] = agent.map(JSON.string)
        object["team"] = team.map(Self.word)
        object["model"] = model.map(JSON.string)
        object["provider"] = provider.map(Self.word)
        if let user {
            object["user"] = .string(user)
            object["user_name"] = names[user].map(JSON.string) ?? .null
        }
        for (name, figure) in figures.json { object[name] = figure }
        return .object(object)
    }

    /// No team was asked, or the provider is not known any more.
    private static func word(_ name: String) -> JSON { name.isEmpty ? .null : .string(name) }
}

extension BudgetStanding {
    fileprivate var json: JSON {
        var object: JSONObject = [
            "budget": .string(budget), "limit_usd": .number(NanoUSD.number(limit)), "spent_usd": .number(NanoUSD.number(spent)),
            "reserved_usd": .number(NanoUSD.number(reserved)), "left_usd": .number(NanoUSD.number(left)), "from": .string(first.text),
            "to": .string(last.text), "renews_at": .string(renewsAt.rfc3339),
        ]
        object["user"] = user.map(JSON.string)
        return .object(object)
    }
}
