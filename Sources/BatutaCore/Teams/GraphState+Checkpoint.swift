extension GraphState {
    /// The state as a checkpoint keeps it.
    var kept: JSON {
        var object: JSONObject = [
            "visits": .array(visits.map { [.string($0.node), .string($0.callID.rawValue), .string($0.stage.rawValue)] }),
            "results": .object(results), "fields": .object(fields),
            "tokens": .array(tokens.map { [.int(Int64($0.edge)), .string($0.from), .string($0.node)] }),
            "used": .array(used.sorted { $0.key < $1.key }.map { [.int(Int64($0.key)), .int(Int64($0.value))] }),
            "ends": .array(ends.map(JSON.string)), "leftovers": .array(leftovers.map(JSON.string)),
            "origins": .object(JSONObject(unique: origins.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map(JSON.string))) })),
        ]
        object["last_work"] = lastWork.map(JSON.string)
        if let failure {
            let (error, code) = (failure.result.error.map(JSON.string), failure.result.code.map(JSON.string))
            object["failure"] = [.string(failure.node), error ?? .null, code ?? .null]
        }
        return .object(object)
    }

    init?(kept json: JSON) {
        let kept = json["visits"]?.array ?? []
        visits = kept.compactMap { entry in
            guard let parts = entry.array, parts.count == 3, let node = parts[0].string, let call = parts[1].string,
                let stage = parts[2].string.flatMap(Visit.Stage.init)
            else { return nil }
            return Visit(node: node, callID: CallID(trusted: call), stage: stage)
        }
        findOpen()
        guard visits.count == kept.count, let results = json["results"]?.object, let fields = json["fields"]?.object else { return nil }
        (self.results, self.fields) = (results, fields)
        tokens = (json["tokens"]?.array ?? []).compactMap { entry in
            guard let parts = entry.array, parts.count == 3, let edge = parts[0].int, let from = parts[1].string, let node = parts[2].string
            else { return nil }
            return Token(edge: Int(edge), from: from, node: node)
        }
        for entry in json["used"]?.array ?? [] {
            guard let parts = entry.array, parts.count == 2, let edge = parts[0].int, let times = parts[1].int else { return nil }
            used[Int(edge)] = Int(times)
        }
        ends = json["ends"]?.array?.compactMap(\.string) ?? []
        leftovers = json["leftovers"]?.array?.compactMap(\.string) ?? []
        for (node, sources) in json["origins"]?.object ?? [:] { origins[node] = sources.array?.compactMap(\.string) ?? [] }
        lastWork = json["last_work"]?.string
        if let parts = json["failure"]?.array, parts.count == 3, let node = parts[0].string {
            var result = ToolResult.failure("", code: "")
            (result.error, result.code) = (parts[1].string, parts[2].string)
            failure = Failure(node: node, result: result)
        }
    }
}
