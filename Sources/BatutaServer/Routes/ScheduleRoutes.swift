import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaQueue

/// `/v1/schedules`: what the project starts by the clock, when it did and will, for builders.
struct ScheduleRoutes: EndpointGroup {
    let api: API
    let firing: ScheduleFiring

    private var store: ScheduleStore { firing.store }

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/schedules", "List the project's schedules and when each fires next", role: .builder, list),
            Endpoint(.get, "/v1/schedules/{id}", "Get a schedule, by its identifier or name", role: .builder, get),
            Endpoint(.patch, "/v1/schedules/{id}", "Switch a schedule on or off", role: .builder, change),
            Endpoint(.post, "/v1/schedules/{id}/run", "Fire a schedule now, whatever the clock says", role: .builder, run),
            Endpoint(
                .get,
                "/v1/schedules/{id}/fires",
                "List what a schedule's slots came to, newest first",
                query: ["cursor", "limit"],
                role: .builder,
                fires
            ),
            Endpoint(
                .get,
                "/v1/schedules/{id}/preview",
                "The moments at which a schedule fires after another",
                query: ["after", "count"],
                role: .builder,
                preview
            ),
        ]
    }

    /// A schedule of the project, with where it stands.
    private struct Known {
        var definition: ScheduleDefinition
        var record: ScheduleRecord

        var timetable: Timetable { Timetable(definition, from: record.anchor) }
    }

    // MARK: Schedules

    private func list(_ call: Call) async throws -> HTTPResponse {
        var rows: [JSON] = []
        for schedule in try await known() { rows.append(try await json(schedule, call.reader)) }
        return .json(["data": .array(rows), "next_cursor": nil])
    }

    private func known() async throws -> [Known] {
        let schedules = api.engine.currentProject.schedules
        guard !schedules.isEmpty else { return [] }
        var records = try await store.list()
        let names = Set(records.map(\.name))
        if schedules.contains(where: { !names.contains($0.name) }) {
            try await store.add(schedules, at: api.clock.now())
            records = try await store.list()
        }
        return schedules.compactMap { schedule in
            records.first { $0.name == schedule.name }.map { Known(definition: schedule, record: $0) }
        }
    }

    private func schedule(_ call: Call) async throws -> Known {
        let id = call.request.parameters["id"]
        guard let known = try await known().first(where: { $0.record.id.rawValue == id || $0.record.name == id }) else {
            throw API.missing(.schedule, String(id.prefix(100)))
        }
        return known
    }

    private func get(_ call: Call) async throws -> HTTPResponse { .json(try await json(try await schedule(call), call.reader)) }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let known = try await schedule(call)
        var fields = try Fields(call.body, known: ["enabled"])
        let isEnabled = fields.bool("enabled")
        fields.require("enabled")
        try fields.check()
        try await store.enable(known.record.id, isEnabled ?? true, at: api.clock.now())
        return .json(try await json(try await schedule(call), call.reader))
    }

    private func json(_ known: Known, _ reader: Language) async throws -> JSON {
        var object = known.definition.json
        let record = known.record
        object["id"] = .string(record.id.rawValue)
        object["enabled"] = .bool(record.isEnabled)
        object["created_at"] = .string(record.createdAt.rfc3339)
        let fires = known.definition.fires && record.isEnabled
        let next = fires ? known.timetable.next(after: max(record.position, api.clock.now())) : nil
        object["next_fire"] = next.map { .string($0.rfc3339) } ?? .null
        object["last_fire"] = try await store.fires(of: record.id, limit: 1).first.map { .string($0.slot.rfc3339) } ?? .null
        if !known.definition.fires { object["note"] = .string(Self.monitorsRest(reader)) }
        return .object(object)
    }

    private static let monitorsRest = Words(
        "Monitors are checked, but do not act in this version.",
        "Os monitores são conferidos, mas ainda não agem nesta versão."
    )

    // MARK: Fires

    /// A run of one user is begun before the answer; of many, a worker goes through them.
    private func run(_ call: Call) async throws -> HTTPResponse {
        let known = try await schedule(call)
        try Fields(call.body, known: []).check()
        guard known.definition.fires else { throw Problem(.conflict, code: "monitor_does_not_act", Self.monitorsRest) }
        let fire = try await store.takeNow(
            known.record.id,
            by: call.principal.id,
            at: api.clock.now(),
            after: known.definition.fanOut == nil ? .seconds(5) : .zero
        )
        if known.definition.fanOut == nil { _ = try await firing.perform(known.record.id, at: fire.slot) }
        let now = try await store.fire(known.record.id, at: fire.slot) ?? fire
        return .json(try await shown([now], call.reader).first ?? .null, status: .accepted)
    }

    private func fires(_ call: Call) async throws -> HTTPResponse {
        let known = try await schedule(call)
        let limit = try call.limit()
        let fires = try await store.fires(of: known.record.id, before: try call.queryTime("cursor"), limit: limit + 1)
        let page = Array(fires.prefix(limit))
        let next = fires.count > limit ? page.last.map { JSON.string($0.slot.rfc3339) } ?? .null : .null
        return .json(["data": .array(try await shown(page, call.reader)), "next_cursor": next])
    }

    /// Fires of one schedule with what they came to for each user.
    private func shown(_ fires: [ScheduleFire], _ reader: Language) async throws -> [JSON] {
        guard let newest = fires.first, let oldest = fires.last else { return [] }
        let counts = try await store.counts(of: newest.schedule, from: oldest.slot, to: newest.slot)
        let most = Self.mostRunsOfPage / fires.count
        let runs = try await store.samples(of: newest.schedule, from: oldest.slot, to: newest.slot, limit: most)
        let ofSlots = Dictionary(grouping: runs, by: \.slot)
        return fires.map { $0.json(counts[$0.slot] ?? [:], ofSlots[$0.slot] ?? [], reader) }
    }

    /// Runs that are named on a page; the rest is in the counts, and in `GET /v1/runs`.
    private static let mostRunsOfPage = 10_000

    private func preview(_ call: Call) async throws -> HTTPResponse {
        let known = try await schedule(call)
        let after = try call.queryTime("after") ?? api.clock.now()
        let count = try call.limit("count", default: 10, most: 100)
        let slots = known.timetable.slots(after: after, limit: count)
        return .json(["data": .array(slots.map { .string($0.rfc3339) }), "next_cursor": nil])
    }
}

extension Call {
    /// A moment in the query, as RFC 3339.
    fileprivate func queryTime(_ name: String) throws -> Timestamp? {
        guard let text = request.query[name] else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            let words = Words(
                "\(name) must be a moment such as 2026-01-19T18:00:00Z.",
                "\(name) precisa ser um momento, como 2026-01-19T18:00:00Z."
            )
            throw Problem(.badRequest, code: "invalid_query", words, field: name)
        }
        return moment
    }
}

extension ScheduleDefinition {
    /// What its file says, in the file's own words.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "title": .string(title), "time_zone": .string(timeZone), "misfire": .string(misfire.rawValue),
            "overlap": .string(overlap.rawValue), "source": "file",
        ]
        switch timing {
        case .cron(let cron): object["cron"] = .string(cron.source)
        case .every(let period): object["every"] = .string(DurationText.text(period))
        }
        switch fanOut {
        case .everyUser: object["for_each_user"] = true
        case .users(let condition): object["for_each_user"] = .string(condition)
        case nil: object["run_as"] = runAs.map(JSON.string) ?? .null
        }
        switch work {
        case .run(let target, let content): object["run"] = ["target": .string(target), "content": .string(content)]
        case .monitor: object["monitor"] = true
        }
        object["cost_limit"] = costLimit.map { .number(JSONNumber($0)) } ?? .null
        return object
    }
}

extension ScheduleFire {
    fileprivate func json(_ counts: [ScheduleOutcome.Status: Int], _ runs: [ScheduleOutcome], _ reader: Language) -> JSON {
        func count(_ status: ScheduleOutcome.Status) -> JSON { .int(counts[status] ?? 0) }
        let errors = runs.filter { $0.status == .failed }.prefix(100)
        return [
            "slot": .string(slot.rfc3339), "fired_at": .string(firedAt.rfc3339), "status": .string(status.rawValue),
            "run_ids": .array(runs.compactMap { $0.run.map(JSON.string) }), "by": by.map(JSON.string) ?? .null,
            "started": count(.started), "waiting": count(.waiting), "skipped": count(.skipped), "failed": count(.failed),
            "error": error.map { .string($0(reader)) } ?? .null,
            "errors": .array(errors.map { ["user_id": .string($0.user), "message": .string($0.error?(reader) ?? "")] }),
        ]
    }
}
