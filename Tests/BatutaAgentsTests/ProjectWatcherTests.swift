import BatutaAgents
import BatutaCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProjectWatcherTests {
    /// What a watcher told, one after the other.
    private struct Watched {
        let folder: ProjectTestFolder
        var changes: AsyncStream<ProjectWatcher.Change>.Iterator
        let task: Task<Void, any Error>
    }

    private func watch() throws -> Watched {
        let folder = try ProjectTestFolder()
        try folder.writeProject()
        let project = try #require(Project.load(folder: folder.path).project)
        let (stream, continuation) = AsyncStream.makeStream(of: ProjectWatcher.Change.self)
        let watcher = ProjectWatcher(folder: folder.path, current: project.snapshot.hash, quiet: .milliseconds(20)) {
            continuation.yield($0)
        }
        let task = Task {
            defer { continuation.finish() }
            try await watcher.run()
        }
        // A change before the first watch is found by the watcher's first look, so nothing has to be waited for here.
        return Watched(folder: folder, changes: stream.makeAsyncIterator(), task: task)
    }

    @Test func `an edit is loaded, a broken one keeps the version before, a new folder is seen`() async throws {
        var watched = try watch()
        try watched.folder.write("---\ntools: [get_item]\n---\nChanged.", to: "agents/clerk.md")
        guard case .loaded(let project, _)? = await watched.changes.next() else {
            Issue.record("the edit was not loaded")
            return
        }
        #expect(project.agents["clerk"]?.tools == ["get_item"])

        try watched.folder.write("---\ntools: [gone]\n---\nBroken.", to: "agents/clerk.md")
        guard case .broken(let problems)? = await watched.changes.next() else {
            Issue.record("the broken edit was not told")
            return
        }
        #expect(problems.errors.map(\.path).contains("agents/clerk.md"))

        try watched.folder.write("---\ntools: [get_item]\n---\n{{> tone}}", to: "agents/clerk.md")
        guard case .broken(let others)? = await watched.changes.next() else {
            Issue.record("the other broken edit was not told")
            return
        }
        #expect(others != problems)

        try watched.folder.write("Block", to: "prompts/tone.md")
        guard case .loaded? = await watched.changes.next() else {
            Issue.record("the new folder was not seen")
            return
        }
        watched.task.cancel()
        #expect(await watched.changes.next() == nil)
    }

    @Test func `a change of the environment file is told as such`() async throws {
        var watched = try watch()
        try watched.folder.write("A=1\n", to: ".env")
        // Nothing tells whether the watch stood before the first write; when the second is told, it does.
        try watched.folder.write("---\ntools: [get_item]\n---\nChanged.", to: "agents/clerk.md")
        while let change = await watched.changes.next() {
            if case .loaded = change { break }
        }
        try watched.folder.write("A=2\n", to: ".env")
        guard case .environment? = await watched.changes.next() else {
            Issue.record("the environment was not told")
            return
        }
        watched.task.cancel()
    }

    @Test func `a load that hangs is cut short for newer files`() async throws {
        let folder = try ProjectTestFolder()
        try folder.writeProject()
        let loads = Mutex(0)
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let watcher = ProjectWatcher(
            folder: folder.path,
            current: "none",
            quiet: .milliseconds(20),
            patience: .zero,
            load: { path in
                let number = loads.withLock { count in
                    count += 1
                    return count
                }
                if number == 1 {
                    continuation.yield("hangs")
                    while !Task.isCancelled { try? await Task.sleep(for: .seconds(600)) }
                }
                return Project.load(folder: path)
            },
            onChange: { change in if case .loaded(let project, _) = change { continuation.yield(project.snapshot.hash) } }
        )
        let task = Task { try await watcher.run() }
        var told = stream.makeAsyncIterator()
        #expect(await told.next() == "hangs")
        try folder.write("---\ntools: [get_item]\n---\nChanged.", to: "agents/clerk.md")
        let newest = try #require(Project.load(folder: folder.path).project?.snapshot.hash)
        #expect(await told.next() == newest)
        task.cancel()
        _ = try? await task.value
    }

    @Test func `a folder that does not exist cannot be watched`() async {
        let watcher = ProjectWatcher(folder: "/nonexistent/project") { _ in }
        await #expect(throws: ProjectWatcherError.self) { try await watcher.run() }
    }
}
