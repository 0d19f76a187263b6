import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

extension API {
    /// Answers a repeated `Idempotency-Key` with the first answer; the work is done once. Problems are not kept: trying again makes sense.
    func answer(_ call: Call, _ endpoint: Endpoint) async throws -> HTTPResponse {
        guard endpoint.keepsUse, let use = try Self.use(call, without: endpoint.sensitive) else { return try await endpoint.handler(call) }
        let lookup = try await idempotency.begin(use, commitsUse: endpoint.commitsUse)
        guard case .fresh = lookup else { return try await answer(call, endpoint, lookup) }
        var fresh = call
        fresh.use = use
        do {
            let response = try await endpoint.handler(fresh)
            try await keep(response, use, without: endpoint.secret)
            return response
        } catch let error as RunsError where error.code == .conflict && endpoint.commitsUse {
            await idempotency.abandon(use)
            // Another node may have done what was asked meanwhile.
            let lookup = try await idempotency.lost(use)
            if case .inProgress = lookup { throw error }
            return try await answer(call, endpoint, lookup)
        } catch {
            await idempotency.abandon(use)
            throw error
        }
    }

    /// What is answered to a key that was used before.
    private func answer(_ call: Call, _ endpoint: Endpoint, _ lookup: IdempotencyStore.Lookup) async throws -> HTTPResponse {
        switch lookup {
        case .answered(let answer): return answer.response
        case .accepted(let run):
            var call = call
            call.acceptedBefore = run
            return try await endpoint.handler(call)
        case .gone(let session): throw Self.missing(.session, session.rawValue)
        case .differs:
            let words = Words(
                "This Idempotency-Key came before with another request.",
                "Este Idempotency-Key já veio antes, com outra requisição."
            )
            throw Problem(.conflict, code: "idempotency_mismatch", words)
        case .fresh, .inProgress:
            let words = Words(
                "The first request with this Idempotency-Key is still being worked on.",
                "A primeira requisição com este Idempotency-Key ainda está em andamento."
            )
            throw Problem(.conflict, code: "in_progress", words, retryAfter: 1)
        }
    }

    private static func use(_ call: Call, without sensitive: [String]) throws -> IdempotencyStore.Use? {
        guard let key = call.request.headers["Idempotency-Key"] else { return nil }
        guard !key.isEmpty, key.utf8.count <= 255 else {
            let words = Words("Idempotency-Key must have 1 to 255 characters.", "Idempotency-Key precisa ter de 1 a 255 caracteres.")
            throw Problem(.badRequest, code: "invalid_idempotency_key", words)
        }
        let body = Self.body(call.body, without: sensitive)
        let fingerprint = Digest.hex(Digest.sha256(Array("\(call.request.method) \(call.request.target)\n".utf8) + body))
        return IdempotencyStore.Use(principal: call.principal.id, key: key, fingerprint: fingerprint)
    }

    private static func body(_ bytes: [UInt8], without sensitive: [String]) -> [UInt8] {
        guard !sensitive.isEmpty, var object = (try? JSON.parse(bytes))?.object else { return bytes }
        for field in sensitive { object[field] = nil }
        return JSON.object(object).bytes
    }

    /// What cannot be kept, a stream, is found again by the run that was committed with the use.
    private func keep(_ response: HTTPResponse, _ use: IdempotencyStore.Use, without secret: String?) async throws {
        guard var bytes = response.keepableBytes else { return await idempotency.abandon(use) }
        if let secret, var object = try JSON.parse(bytes).object {
            object[secret] = nil
            bytes = JSON.object(object).bytes
        }
        try await idempotency.finish(use, IdempotencyStore.Answer(status: response.status.code, body: bytes))
    }

    /// What the sender of a message was told, from the log.
    func acceptance(of id: RunID) async throws -> Acceptance {
        guard let run = try await runs.find(id, owner: nil) else { throw Self.missing(.run, id.rawValue) }
        let events = try await log.pages.ofRun(id, session: run.sessionID)
        for event in events {
            guard case .message(let said) = try event.data(), said.role == .user else { continue }
            let after = (events.first?.number ?? 1) - 1
            return Acceptance(sessionID: run.sessionID, runID: id, messageID: said.messageID, after: after)
        }
        throw Self.missing(.run, id.rawValue)
    }
}

extension IdempotencyStore.Answer {
    fileprivate var response: HTTPResponse {
        let status = HTTPStatus(code: status)
        return body.isEmpty ? HTTPResponse(status: status) : .json(body, status: status)
    }
}
