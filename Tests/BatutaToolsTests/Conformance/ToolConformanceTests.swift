import BatutaCore
import BatutaTesting
import Testing

@testable import BatutaTools

/// What holds of a call whatever its tool is: one table over every kind, at one door.
@Suite(.timeLimit(.minutes(5))) struct ToolConformanceTests {
    // MARK: Answers

    @Test(arguments: ToolKind.allCases)
    func `S2.62 an answer is a success with its data, after one attempt`(_ kind: ToolKind) async throws {
        for effect in kind == .builtIn ? [ToolEffect.read] : [.read, .write] {
            let rig = try await kind.rig(.answer, effect: effect)
            let result = await rig.call()
            #expect(result.success && result.data != nil && result.error == nil && result.code == nil, "\(result.error ?? "")")
            #expect(result.envelope["success"] == true && result.envelope["data"] != nil)
            #expect(result.attempts == 1)
            if effect == .write { #expect(try await rig.effects() == 1) }
            await rig.end()
        }
    }

    @Test(arguments: ToolKind.allCases)
    func `S2.54 S2.56 a refusal is told in words, and not repeated`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.refuse, effect: kind == .builtIn ? .read : .write)
        let result = await rig.call()
        #expect(!result.success && result.code == "rejected", "\(result.code ?? "") \(result.error ?? "")")
        #expect(!result.uncertain && result.attempts == 1)
        #expect(result.envelope["success"] == false && result.envelope["error"]?.string?.isEmpty == false)
        await rig.end()
    }

    @Test(arguments: ToolKind.allCases)
    func `an answer without end has one, and nothing else suffers`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.huge)
        let result = await rig.call()
        let isCut = result.data?["truncated"] == true
        #expect(isCut || (!result.success && result.code == "answer_too_large"), "\(result.code ?? "") \(result.error ?? "")")
        #expect(result.envelope.bytes.count < 3_000_000)
        await rig.end()
    }

    // MARK: Time

    @Test(arguments: ToolKind.allCases)
    func `S2.55 a read whose time is up is tried again, and then told as a time-out`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.hang, limit: .milliseconds(1_500))
        let result = await rig.call()
        #expect(!result.success && result.code == "timeout", "\(result.code ?? "") \(result.error ?? "")")
        #expect(result.attempts == 2 && !result.uncertain)
        #expect(result.error?.contains("1.5 s") == true, "\(result.error ?? "")")
        await rig.end()
    }

    @Test(arguments: ToolKind.writing)
    func `a write whose time is up is not repeated, and leaves the doubt that it leaves`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.hang, effect: .write, limit: .milliseconds(1_500))
        let result = await rig.call()
        #expect(!result.success && result.attempts == (kind.leavesDoubt ? 1 : 2), "\(result.attempts) \(result.error ?? "")")
        #expect(result.uncertain == kind.leavesDoubt, "\(result.error ?? "")")
        #expect(result.code == (kind.leavesDoubt ? "uncertain_effect" : "timeout"))
        if !kind.leavesDoubt { #expect(try await rig.effects() == 0) }
        await rig.end()
    }

    @Test(arguments: ToolKind.writing)
    func `an idempotent write whose time is up is repeated`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.hang, effect: .write, idempotent: true, limit: .milliseconds(1_500))
        let result = await rig.call()
        #expect(!result.success && result.code == "timeout" && result.attempts == 2 && !result.uncertain, "\(result.error ?? "")")
        await rig.end()
    }

    // MARK: Lost answers

    @Test(arguments: ToolKind.vanishing)
    func `a write whose answer is lost is in doubt, and happens once`(_ kind: ToolKind) async throws {
        for effect in [ToolEffect.write, .critical] {
            let rig = try await kind.rig(.vanish, effect: effect)
            let result = await rig.call()
            #expect(!result.success && result.uncertain && result.code == "uncertain_effect", "\(result.error ?? "")")
            #expect(try await rig.effects() == 1)
            await rig.end()
        }
    }

    @Test(arguments: ToolKind.vanishing)
    func `an idempotent write whose answer is lost is repeated, and so is a read`(_ kind: ToolKind) async throws {
        for effect in [ToolEffect.write, .read] {
            let rig = try await kind.rig(.vanish, effect: effect, idempotent: effect == .read ? nil : true)
            let result = await rig.call()
            #expect(!result.success && !result.uncertain && result.attempts == 2, "\(result.error ?? "")")
            #expect(try await rig.effects() == 2)
            await rig.end()
        }
    }

    // MARK: Stopping

    @Test(arguments: ToolKind.allCases)
    func `S3.55 whoever is stopped while a call is under way gets a result that says so`(_ kind: ToolKind) async throws {
        for effect in kind == .builtIn ? [ToolEffect.read] : [.read, .write] {
            let rig = try await kind.rig(.hang, effect: effect)
            let task = Task { await rig.call() }
            try await Deadline.look(for: "the call at the other end") { rig.hasBegun() }
            task.cancel()
            let result = await task.value
            #expect(!result.success && result.code == "cancelled", "\(result.code ?? "") \(result.error ?? "")")
            #expect(result.attempts <= 1)
            if effect == .read { #expect(!result.uncertain) } else if kind.leavesDoubt { #expect(result.uncertain) }
            await rig.end()
        }
    }

    // MARK: Before anything leaves

    @Test(arguments: ToolKind.allCases)
    func `S0.12 arguments that do not fit are refused with their place, and nothing leaves`(_ kind: ToolKind) async throws {
        var rig = try await kind.rig(.answer, effect: kind == .builtIn ? .read : .write)
        for (arguments, place) in [([:], kind == .builtIn ? "url" : "id"), (["id": ["a"], "url": 7], kind == .builtIn ? "url" : "id")]
            as [(JSON, String)]
        {
            guard case .refused(let refusal) = rig.validate(arguments) else {
                Issue.record("\(arguments.text) was taken")
                continue
            }
            #expect(refusal.code == "invalid_arguments" && refusal.error?.contains(place) == true, "\(refusal.error ?? "")")
            rig.arguments = arguments
            #expect(await rig.call().code == "invalid_arguments")
        }
        #expect(try await rig.effects() == 0)
        await rig.end()
    }

    @Test(arguments: ToolKind.writing)
    func `a value in quotation marks is read as what the schema wants, and that is said`(_ kind: ToolKind) async throws {
        let rig = try await kind.rig(.answer)
        #expect(rig.validate(["id": "1"]) == .accepted(["id": 1], repairs: ["/id: text read as number"]))
        #expect(rig.validate(["id": 1]) == .accepted(["id": 1], repairs: []))
        await rig.end()
    }

    @Test(arguments: ToolKind.writing, [ToolEffect.write, .critical])
    func `in a rehearsal nothing that changes something leaves`(_ kind: ToolKind, _ effect: ToolEffect) async throws {
        let rig = try await kind.rig(.answer, effect: effect)
        let result = await rig.call(isRehearsal: true)
        #expect(!result.success && result.code == "rehearsal_refused")
        #expect(try await rig.effects() == 0)
        await rig.end()
    }
}
