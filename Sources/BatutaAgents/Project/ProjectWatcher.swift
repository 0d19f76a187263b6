import BatutaCore
import Glibc

/// Loads a project anew when its files change. A broken edit keeps the last good version and tells what is wrong.
///
/// A service: `run()` ends when its task is cancelled. One thread sleeps in the kernel's inotify (no polling); loading happens on the
/// cooperative pool, after the files were quiet for a moment.
public struct ProjectWatcher: Sendable {
    /// What a change came to.
    public enum Change: Sendable {
        /// The new version; `problems` are warnings.
        case loaded(Project, problems: [ProjectProblem])
        /// It cannot be used; the version before stays.
        case broken([ProjectProblem])
        /// `.env` changed, the files did not.
        case environment
    }

    private let folder: String
    private let quiet: Duration
    private let patience: Duration
    private let onChange: @Sendable (Change) async -> Void
    private let current: String?
    private let load: @Sendable (_ folder: String) async -> ProjectLoad

    /// - Parameters:
    ///   - folder: the project's folder.
    ///   - current: the hash of the version in use, so that a save without change is no news.
    ///   - quiet: editors write several files, and some of them twice: how long nothing may happen before loading.
    ///   - patience: how long a load may take when there are newer files by now; it is cut short then.
    ///   - load: reads the folder.
    ///   - onChange: is told every change, one after the other.
    public init(
        folder: String,
        current: String? = nil,
        quiet: Duration = .milliseconds(150),
        patience: Duration = .seconds(3),
        load: @escaping @Sendable (_ folder: String) async -> ProjectLoad = { Project.load(folder: $0) },
        onChange: @escaping @Sendable (Change) async -> Void
    ) {
        self.folder = folder
        self.current = current
        self.quiet = quiet
        self.patience = patience
        self.load = load
        self.onChange = onChange
    }

    /// Watches until it is cancelled.
    ///
    /// - Throws: `ProjectWatcherError` when the kernel gives no watch.
    public func run() async throws {
        let watch = try FolderWatch(folder: folder, quiet: quiet)
        // What changed between the first load and the first watch.
        if current != nil { watch.signalNow() }
        let (happenings, tell) = AsyncStream.makeStream(of: Happening.self)
        await withTaskCancellationHandler {
            async let forwarding: Void = {
                for await signal in watch.signals { tell.yield(.changed(signal)) }
                tell.finish()
            }()
            await follow(happenings) { tell.yield(.loaded($0)) }
            await forwarding
        } onCancel: {
            watch.stop()
        }
    }

    private enum Happening: Sendable {
        case changed(FolderWatch.Signal)
        /// nil: it was cut short, which says nothing.
        case loaded(ProjectLoad?)
    }

    private func follow(_ happenings: AsyncStream<Happening>, _ done: @escaping @Sendable (ProjectLoad?) -> Void) async {
        var news = ProjectNews(last: current)
        var loading: Loading?
        var isBehind = false
        for await happening in happenings {
            switch happening {
            case .changed(let signal):
                // Also beside files that are broken, or that need what it brings.
                if signal.touchedEnvironment { await onChange(.environment) }
                isBehind = loading != nil
                if let loading { loading.hurry(after: patience) } else { loading = Loading(folder, load, done) }
            case .loaded(let load):
                loading = isBehind ? Loading(folder, self.load, done) : nil
                isBehind = false
                if let load, !Task.isCancelled, let change = news.change(of: load) { await onChange(change) }
            }
        }
        loading?.cut()
    }
}

/// A load that is under way. Its task is unstructured, because newer files may come while it takes its time; it tells its end, whatever it is.
private struct Loading {
    private let task: Task<Void, Never>
    private let begin = ContinuousClock.now

    init(
        _ folder: String,
        _ load: @escaping @Sendable (String) async -> ProjectLoad,
        _ done: @escaping @Sendable (ProjectLoad?) -> Void
    ) {
        task = Task {
            let load = await load(folder)
            done(Task.isCancelled ? nil : load)
        }
    }

    /// There are newer files: it may go on until it has had its time.
    func hurry(after patience: Duration) {
        let rest = patience - begin.duration(to: .now)
        guard rest > .zero else { return task.cancel() }
        // Awaited by nobody: for a load that is over by then it does nothing.
        Task { [task] in
            try? await Task.sleep(for: rest)
            task.cancel()
        }
    }

    func cut() { task.cancel() }
}

/// What of a load is news: another version, or other problems.
private struct ProjectNews {
    private var last: String?
    private var brokenBy: [ProjectProblem]?

    init(last: String?) { self.last = last }

    mutating func change(of load: ProjectLoad) -> ProjectWatcher.Change? {
        guard let project = load.project else {
            defer { brokenBy = load.problems }
            return load.problems != brokenBy ? .broken(load.problems) : nil
        }
        guard project.snapshot.hash != last || brokenBy != nil else { return nil }
        last = project.snapshot.hash
        brokenBy = nil
        return .loaded(project, problems: load.problems)
    }
}

/// Why a folder cannot be watched. Goes to the log only, which is in English.
public struct ProjectWatcherError: Error, Sendable, CustomStringConvertible {
    /// What happened and what to do.
    public var message: String
    public var description: String { message }
}

/// A thread that waits for changes below a project's folder and tells them once they have come to rest.
final class FolderWatch: Sendable {
    struct Signal: Sendable {
        var touchedEnvironment = false
    }

    let signals: AsyncStream<Signal>
    private let continuation: AsyncStream<Signal>.Continuation
    private let pipe: Int32

    init(folder: String, quiet: Duration) throws {
        let inotify = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard inotify >= 0 else { throw Self.failure("no watch can be made") }
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            close(inotify)
            throw Self.failure("no pipe can be made")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(8))
        self.signals = signals
        self.continuation = continuation
        pipe = ends[1]
        let loop = WatchLoop(
            inotify: inotify,
            wake: ends[0],
            folder: folder,
            quiet: Int32(clamping: quiet.inMilliseconds),
            continuation: continuation
        )
        guard loop.watchFolders() else {
            close(inotify)
            close(ends[0])
            close(ends[1])
            throw Self.failure("\(folder) cannot be watched")
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(loop)
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<WatchLoop>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            box.toOpaque()
        )
        guard status == 0 else {
            box.release()
            throw ProjectWatcherError(message: "no thread can be started to watch \(folder)")
        }
        pthread_detach(thread)
    }

    func signalNow() { continuation.yield(Signal()) }

    /// Ends the thread and the stream.
    func stop() {
        var byte: UInt8 = 1
        _ = write(pipe, &byte, 1)
    }

    deinit { close(pipe) }

    private static func failure(_ what: String) -> ProjectWatcherError {
        let words = errno == ENOSPC || errno == EMFILE ? "; raise fs.inotify.max_user_watches or max_user_instances" : ""
        return ProjectWatcherError(message: "\(what): \(String(cString: strerror(errno)))\(words)")
    }
}

/// What the thread of a watch does. Lives on that thread alone.
private final class WatchLoop {
    private let inotify: Int32
    private let wake: Int32
    private let folder: String
    private let quiet: Int32
    private let continuation: AsyncStream<FolderWatch.Signal>.Continuation
    private var top: Int32 = -1
    private var pending: FolderWatch.Signal?
    /// When `pending` began, in milliseconds of the monotonic clock.
    private var pendingSince: Int64 = 0

    /// A folder that never comes to rest is loaded all the same, this many milliseconds after a change.
    private static let longestWait: Int64 = 2_000

    init(inotify: Int32, wake: Int32, folder: String, quiet: Int32, continuation: AsyncStream<FolderWatch.Signal>.Continuation) {
        self.inotify = inotify
        self.wake = wake
        self.folder = folder
        self.quiet = quiet
        self.continuation = continuation
    }

    private static let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB)

    /// Watches the folder and those of its folders that hold files of a project; a folder that is watched already stays so.
    func watchFolders() -> Bool {
        top = inotify_add_watch(inotify, folder, Self.mask)
        guard top >= 0 else { return false }
        let names = ProjectLayout.folders.map(\.name) + ProjectLayout.laterFolders.map(\.name)
        for name in names + skillFolders() { _ = inotify_add_watch(inotify, folder + "/" + name, Self.mask) }
        return true
    }

    /// A skill has folders of its own, which may have more.
    private func skillFolders() -> [String] {
        var found = ["skills"]
        var level = found
        for _ in 0...ProjectLayout.deepestSkillFolder {
            level = level.flatMap { above in ProjectFolder.names(in: folder + "/" + above).map { "\(above)/\($0)" } }
                .filter { ProjectFolder.isFolder(folder + "/" + $0) }
            found += level
            if found.count > ProjectFolder.mostFiles { break }
        }
        return found
    }

    /// Until woken: sleeps without limit while nothing is pending, otherwise until it was quiet.
    func run() {
        defer {
            continuation.finish()
            close(inotify)
            close(wake)
        }
        while true {
            var descriptors = [pollfd(fd: inotify, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            let count = poll(&descriptors, 2, pending == nil ? -1 : quiet)
            if count < 0, errno != EINTR { return }
            if descriptors[1].revents != 0 { return }
            if descriptors[0].revents != 0 { readEvents() }
            guard let signal = pending, count == 0 || Self.now() - pendingSince > Self.longestWait else { continue }
            pending = nil
            _ = watchFolders()
            continuation.yield(signal)
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func readEvents() {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(inotify, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            note(buffer[..<count])
        }
    }

    /// `struct inotify_event`: watch, mask, cookie, length of the name, and the name with zeros behind it.
    private func note(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 16 {
            let watch = Int32(bitPattern: Self.word(rest, 0))
            let length = Int(Self.word(rest, 12))
            let name = String(decoding: rest.dropFirst(16).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            rest = rest.dropFirst(16 + length)
            consider(name, atTop: watch == top)
        }
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
        bytes.dropFirst(offset).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// At the top only what belongs to a project counts: the store and its journal change all the time.
    private func consider(_ name: String, atTop: Bool) {
        let isOwn = name == ProjectLayout.projectFile || name == ProjectLayout.environmentFile
        let isFolder =
            ProjectLayout.folders.contains { $0.name == name } || ProjectLayout.laterFolders.contains { $0.name == name }
            || name == "skills"
        guard !atTop || isOwn || isFolder, atTop || !name.hasPrefix(".") && !name.hasSuffix("~") else { return }
        if pending == nil { pendingSince = Self.now() }
        var signal = pending ?? FolderWatch.Signal()
        if atTop, name == ProjectLayout.environmentFile { signal.touchedEnvironment = true }
        pending = signal
    }
}
