import BatutaCore
import Synchronization

/// The prompts of the version that was looked at last: reading all files of a project takes too long for each look (DESIGN §9.12).
public final class PromptShelf: Sendable {
    private let known = Mutex<(hash: String, prompts: ProjectPrompts)?>(nil)

    public init() {}

    public func prompts(of snapshot: ProjectSnapshot) async -> ProjectPrompts {
        if let known = known.withLock({ $0 }), known.hash == snapshot.hash { return known.prompts }
        let prompts = await withTaskExecutorPreference(globalConcurrentExecutor) { ProjectPrompts(files: snapshot.files) }
        known.withLock { $0 = (snapshot.hash, prompts) }
        return prompts
    }
}
