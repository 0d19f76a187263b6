import BatutaCore
import BatutaModels
import BatutaStorage

/// Looks whether a model would be told the same as it was: instructions, tools and how much it may say, and which model that is.
struct ReplayedPrompt {
    private let driver: RunDriver
    private let comparesModel: Bool
    private let showsContent: Bool
    /// What every call of the run would carry now; nil when the instructions cannot be filled in.
    private let parameters: [UInt8]?

    /// - Parameter comparesModel: A connected model stands in for those of the files; with the run's own version that is no difference.
    init(_ driver: RunDriver, comparesModel: Bool, showsContent: Bool) {
        var driver = driver
        self.comparesModel = comparesModel
        self.showsContent = showsContent
        var recalled = driver.recalledBefore
        let system = try? driver.instructions(of: &recalled)
        driver.prompt = system.map { RenderedPrompt(system: $0, history: []) }
        parameters = driver.prompt == nil ? nil : RequestParameters.bytes(of: driver.modelRequest())
        self.driver = driver
    }

    /// A run that ended because its instructions could not be filled in ends so again.
    func explains(_ data: EventData) -> Bool {
        guard case .error(let event) = data else { return false }
        // Logs of earlier versions say `internal`.
        return parameters == nil && [RunErrorCode.invalidVariables, .internal].contains { $0.rawValue == event.code }
    }

    func difference(_ data: EventData, number: Int64) async throws -> RunReplay.Difference? {
        guard case .step(let step) = data, case .modelRequest = step.kind, let blobs = driver.services.blobs else { return nil }
        guard let reference = step.ref.flatMap(BlobHash.init) else { return nil }
        guard let parameters else {
            return RunReplay.Difference(
                event: number,
                expected: ["action": "ask_model"],
                got: ["action": "finish", "status": "failed", "code": .string(RunErrorCode.invalidVariables.rawValue)]
            )
        }
        guard blobs.hash(of: parameters) != reference, let recorded = try await blobs.get(reference) else { return nil }
        return try difference(between: JSON.parse(recorded), and: JSON.parse(parameters), number)
    }

    private func difference(between recorded: JSON, and now: JSON, _ number: Int64) -> RunReplay.Difference? {
        var (expected, got) = (JSONObject(), JSONObject())
        for name in Self.members where comparesModel || !["provider", "model"].contains(name) {
            guard let before = recorded[name], let after = now[name], before != after else { continue }
            (expected[name], got[name]) = shown(name, before, after)
        }
        guard !expected.isEmpty else { return nil }
        return RunReplay.Difference(event: number, expected: .object(expected), got: .object(got))
    }

    private static let members = ["provider", "model", "max_output_tokens", "system", "tools"]

    private func shown(_ name: String, _ before: JSON, _ after: JSON) -> (JSON, JSON) {
        switch name {
        case "system":
            guard showsContent, let old = before.string, let new = after.string else { return (Self.digest(before), Self.digest(after)) }
            return Self.excerpts(old, new)
        case "tools":
            let (old, new) = (before.array ?? [], after.array ?? [])
            let changed = (old.filter { !new.contains($0) }, new.filter { !old.contains($0) })
            guard showsContent else { return (.array(changed.0.compactMap { $0["name"] }), .array(changed.1.compactMap { $0["name"] })) }
            return (.array(changed.0), .array(changed.1))
        default: return (before, after)
        }
    }

    private static func digest(_ json: JSON) -> JSON { .string("sha256:" + Digest.hex(Digest.sha256(json.bytes)).prefix(12)) }

    /// Characters that are shown of a text before and after the place where it changed.
    private static let around = (before: 80, after: 400)

    /// Of two long texts the part where they begin to differ.
    private static func excerpts(_ old: String, _ new: String) -> (JSON, JSON) {
        let same = zip(old, new).prefix { $0 == $1 }.count
        let start = max(0, same - around.before)
        func cut(_ text: String) -> JSON {
            let rest = text.dropFirst(start), part = rest.prefix(around.before + around.after)
            return .string((start > 0 ? "…" : "") + part + (part.count < rest.count ? "…" : ""))
        }
        return (cut(old), cut(new))
    }
}
