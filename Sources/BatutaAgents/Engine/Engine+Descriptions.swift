import BatutaCore
public import BatutaRuns
import BatutaTools

extension Engine {
    /// The approvals with what their tools do.
    ///
    /// What waits is told by the version of the project that will make the call, and that is compiled once for all its runs. What is decided
    /// is told by the current version: for a history no old version is compiled again.
    public func described(_ approvals: [Approval]) async -> [Approval] {
        var described = approvals
        for index in approvals.indices {
            let approval = approvals[index]
            described[index].toolDescription =
                Self.description(approval, in: await pinned(approval)) ?? Self.description(approval, in: currentProject)
        }
        return described
    }

    /// A version that cannot be put together any more leaves the question without these words, not the list without the question.
    private func pinned(_ approval: Approval) async -> RunnableProject? {
        guard approval.state == .requested, let hash = approval.projectHash else { return nil }
        return try? await projects.project(hash: hash, isRehearsal: approval.isRehearsal)
    }

    /// nil when the agent has no such tool, or nothing is said of it.
    private static func description(_ approval: Approval, in project: RunnableProject?) -> String? {
        let words = project?.agent(for: approval.agent ?? "")?.tools.definition(of: approval.tool)?.description
        return words?.isEmpty == false ? words : nil
    }
}
