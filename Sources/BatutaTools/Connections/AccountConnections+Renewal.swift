import BatutaCore
import BatutaTelemetry
import Synchronization

/// A token is renewed by one caller at a time: on this node others wait for the same answer, on other nodes for the row to change.
extension AccountConnections {
    func renewed(_ place: AccountPlace) async -> Lookup {
        let task = renewals.withLock { renewals in
            if let running = renewals[place.key] { return running }
            // Unstructured: who asked first may be stopped, and others wait for it too. It ends by the client's time-out.
            let task = Task {
                let found = await self.renew(place)
                self.renewals.withLock { $0[place.key] = nil }
                return found
            }
            renewals[place.key] = task
            return task
        }
        return await task.value
    }

    private func renew(_ place: AccountPlace) async -> Lookup {
        let end = time.elapsed() + ConnectionStore.renewal
        do {
            guard let turn = try await store.beginRenewal(place.name, owner: place.owner) else {
                return try await othersRenewal(place, until: end)
            }
            hide(turn.row.account, of: place.definition)
            if let ready = Self.ready(turn.row, place, at: clock.now()) {
                try await store.giveUpRenewal(turn, trouble: turn.row.trouble, place.name, owner: place.owner)
                return ready
            }
            return try await ask(turn, place, until: end)
        } catch {
            return .missing("the account “\(place.name)” cannot be renewed just now: try again")
        }
    }

    /// What there is nothing to ask for: somebody else asked a moment ago, or only a person can help.
    private static func ready(_ row: ConnectionStore.Row, _ place: AccountPlace, at now: Timestamp) -> Lookup? {
        if let trouble = row.trouble { return .missing(lost(place.definition, .refused(trouble))) }
        switch TokenFreshness(row.account, at: now) {
        case .fresh: return .connected(row.account.value)
        case .lost: return .missing(lost(place.definition, .expired))
        case .stale, .expired: return nil
        }
    }

    private func ask(_ turn: ConnectionStore.Turn, _ place: AccountPlace, until end: Duration) async throws -> Lookup {
        guard let settings = place.definition.resolved(place.render), let refresh = turn.row.account.refreshToken else {
            try await store.giveUpRenewal(turn, trouble: nil, place.name, owner: place.owner)
            return .missing(
                "the account “\(place.name)” cannot be renewed: its client id or secret is missing in the project's environment"
            )
        }
        do throws(OAuth2Failure) {
            let grant = try await oauth2.renew(refresh, settings)
            hide(grant, of: place.definition)
            await keep(grant, insteadOf: refresh, place, until: end)
            var account = turn.row.account
            account.take(grant)
            return .connected(account.value)
        } catch {
            report(error, place.name)
            try await store.giveUpRenewal(turn, trouble: error.lostGrant, place.name, owner: place.owner)
            if let lost = error.lostGrant { return .missing(Self.lost(place.definition, .refused(lost))) }
            return .missing("the account “\(place.name)” cannot be renewed just now: \(error.words.english)")
        }
    }

    /// The service may have forgotten the old token already: the new one is written as soon as the store takes it, while the right lasts.
    private func keep(_ grant: ConnectedAccount, insteadOf refresh: String, _ place: AccountPlace, until end: Duration) async {
        var pause = Duration.milliseconds(100)
        while true {
            do {
                return try await store.endRenewal(grant, insteadOf: refresh, place.name, owner: place.owner)
            } catch {
                guard time.elapsed() + pause < end, (try? await time.sleep(for: pause)) != nil else {
                    logger.error(
                        "A renewed token could not be kept; whoever it belongs to may have to connect the account again",
                        ["connection": .string(place.name), "owner": .string(place.owner), "error": .string("\(error)")]
                    )
                    return
                }
                pause = min(pause * 2, .seconds(2))
            }
        }
    }

    /// That a service does not want the project as a client is the operator's to mend: no user can.
    func report(_ failure: OAuth2Failure, _ name: String) {
        guard failure.concernsClient else { return }
        logger.error(
            "A service gives no token to this project: look at the connection's client_id, client_secret and addresses",
            ["connection": .string(name), "answer": .string(failure.detail)]
        )
    }

    /// Another node has the turn: its answer is in the row soon.
    private func othersRenewal(_ place: AccountPlace, until end: Duration) async throws -> Lookup {
        while time.elapsed() < end {
            guard let row = try await store.find(place.name, owner: place.owner) else {
                return .missing(Self.notConnected(place.definition))
            }
            hide(row.account, of: place.definition)
            if let ready = Self.ready(row, place, at: clock.now()) { return ready }
            if row.renewingUntil.milliseconds == 0 {
                guard TokenFreshness(row.account, at: clock.now()) == .stale else { break }
                return .connected(row.account.value)
            }
            try await time.sleep(for: .milliseconds(100))
        }
        return .missing("the account “\(place.name)” cannot be renewed just now: try again")
    }
}
