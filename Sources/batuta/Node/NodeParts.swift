import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaMemory
import BatutaModels
import BatutaQueue
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// The services of a node, put together.
struct NodeParts: Sendable {
    /// nil beside another node of the same folder, which a store on a server allows.
    let lock: StoreLock?
    let database: any Database
    let bells: NodeBells
    let clock: StoredClock
    let http: HTTPClient
    let engine: Engine
    let log: EventLog
    let server: APIServer
    let workers: JobWorkers
    let schedules: ScheduleService
    let served: ServedProject
    let vault: Vault
    let tools: NodeTools
    let toolCache: ToolResultCache
    /// nil for a single file.
    let watchedFolder: String?
    let logger: Logger
    let drainTimeout: Duration
    let isLoopback: Bool
    let role: NodeRole
    /// Whether the project comes from a folder here; else from the store.
    let hasFolder: Bool
    /// Whether `BATUTA_CLOCK` set the project's clock, which people then may move on.
    let clockIsSet: Bool

    var projectName: String { served.versions.current().name }
    var isRehearsal: Bool { served.versions.current().isRehearsal }

    /// - Parameter logsRuns: Whether the end of each run is logged; a command that shows its run says it itself.
    static func open(_ loaded: ProjectLoading.Loaded, logsRuns: Bool) async throws -> NodeParts {
        let settings = loaded.settings
        let followsFolder = settings.singleFile == nil && settings.hasProjectFile && !loaded.isStoredVersion
        let logger = settings.logger()
        let lock = try settings.lockStore()
        let database = try settings.store.open(pool: settings.pool, timeout: settings.statementTimeout)
        try await database.migrate(Migrations.all)
        let clock = try await StoredClock.start(in: database, at: settings.fixedClock)
        let blobs = try await BlobStore.open(in: database, folder: settings.storeFolder, clock: clock)
        let http = try HTTPClient()
        let (circumstances, vault) = try await StoredCircumstances.read(settings, in: database, clock: clock)
        let modelBreakers = ModelBreakers()
        let facts = FactStore(database: database, clock: clock)
        let experiments = ExperimentStore(database: database, clock: clock)
        let known = KnownSecrets(logger: logger, clock: clock)
        let toolCache = ToolResultCache(
            clock: clock,
            sharing: settings.store.isShared
                ? ToolCacheSharing(ToolCacheMarks(database: database), time: LoopTime(http.loop), logger: logger) : nil
        )
        let accounts = AccountConnections(
            store: ConnectionStore(database: database, vault: vault, clock: clock),
            client: http,
            time: LoopTime(http.loop),
            logger: logger,
            changed: { await toolCache.accountChanged(of: $0) },
            hide: known.add(_:until:)
        )
        let tools = NodeTools(settings, http: http, database: database, clock: clock, known: known, logger: logger)
        let performsRuns = settings.role.performsRuns && loaded.meets != .none
        let strangers = performsRuns ? try await loaded.meets.servers(of: loaded.project, in: database) : []
        try await tools.prepare(loaded.project, circumstances, meeting: strangers, performsRuns: performsRuns)
        let compiler = ProjectCompiler(
            http: http,
            clock: clock,
            breakers: BreakerBoard(),
            modelBreakers: modelBreakers,
            known: known,
            stores: StoreTools(facts: facts, experiments: experiments, messages: EarlierMessages(database: database)),
            accounts: accounts,
            folder: settings.hasProjectFile ? settings.projectFolder : nil,
            tools: tools
        )
        compiler.known.add([settings.environment[MasterKeySource.variable]].compactMap { $0 })
        let served = try await ServedProject.start(
            loaded.project,
            under: circumstances,
            snapshots: SnapshotStore(database: database, clock: clock)
        ) { try compiler.compile($0, under: $1, isRehearsal: $2) }
        let bells = try await NodeBells.make(settings, of: database, blobs)
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        let sharing =
            settings.store.isShared
            ? LogSharing(leases: SessionLeases(database: database, node: node), doorbell: bells.doorbell) : nil
        let log = EventLog(database: database, clock: clock, blobs: blobs, sharing: sharing)
        let registry = MetricsRegistry()
        bells.measure(in: registry)
        StorePool.measure(database, in: registry)
        let circuits = ModelCircuits(modelBreakers) { served.versions.current().places }
        circuits.measure(in: registry)
        compiler.breakers.measure(in: registry)
        let metrics = BatutaMetrics(in: registry)
        let jobs = JobQueue(database: database, clock: clock, doorbell: bells.doorbell)
        let engine = Engine(
            database: database,
            log: log,
            blobs: blobs,
            facts: facts,
            jobs: jobs,
            projects: served.versions,
            tools: ToolRuntime(clock: clock, time: LoopTime(http.loop), cache: toolCache, metrics: metrics),
            clock: clock,
            executor: http.executor,
            metrics: metrics,
            logger: logsRuns ? logger : .silent,
            people: UserStore(database: database, clock: clock).person,
            treasury: Treasury(database: database, node: node.rawValue),
            answers: ResponseCache(database: database, clock: clock, isShared: settings.store.isShared),
            configuration: EngineConfiguration(performsRuns: settings.role.performsRuns, runsAtOnce: settings.runsAtOnce)
        )
        var editable = ProjectServices(
            served: served,
            vault: vault,
            connections: ModelConnectionStore(database: database, clock: clock),
            client: http,
            accounts: accounts,
            breakers: compiler.breakers,
            circuits: circuits,
            toolServers: ToolServerServices(servers: tools.servers, store: tools.store)
        )
        editable.folder = followsFolder ? settings.projectFolder : nil
        let schedules = ScheduleStore(database: database, jobs: jobs)
        let firing = ScheduleFiring(
            engine: engine,
            store: schedules,
            audience: UserStore(database: database, clock: clock).audience
        )
        let server = APIServer(
            database: database,
            engine: engine,
            log: log,
            clock: clock,
            logger: logger,
            loop: http.loop,
            registry: registry,
            metrics: metrics,
            project: editable,
            jobs: jobs,
            facts: facts,
            experiments: experiments,
            schedules: firing,
            options: settings.serverOptions(loaded.project, clock)
        )
        server.status.look(
            at: { [clock] in tools.troubles(tellsWhy: $0) + [clock.trouble, vault.trouble?.code.words].compactMap(\.self) },
            failing: { tools.failing }
        )
        return NodeParts(
            lock: lock,
            database: database,
            bells: bells,
            clock: clock,
            http: http,
            engine: engine,
            log: log,
            server: server,
            workers: workers(
                jobs,
                on: node,
                NodeDuties.handlers(
                    database: database,
                    blobs: blobs,
                    schedules: schedules,
                    snapshots: SnapshotPruning(database: database, clock: clock) { served.versions.current().hash },
                    clock: clock
                ) + [
                    FactExtraction(engine: engine, facts: facts).handler, firing.handler,
                ],
                settings,
                compiler.known,
                registry
            ),
            schedules: ScheduleService(engine: engine, store: schedules, logger: logger),
            served: served,
            vault: vault,
            tools: tools,
            toolCache: toolCache,
            watchedFolder: followsFolder ? settings.projectFolder : nil,
            logger: logger,
            drainTimeout: settings.drainTimeout,
            isLoopback: settings.isLoopback,
            role: settings.role,
            hasFolder: settings.singleFile != nil || followsFolder,
            clockIsSet: settings.fixedClock != nil
        )
    }

    private static func workers(
        _ jobs: JobQueue,
        on node: NodeID,
        _ handlers: [JobHandler],
        _ settings: NodeSettings,
        _ known: KnownSecrets,
        _ registry: MetricsRegistry
    ) -> JobWorkers {
        var configuration = JobWorkersConfiguration(queues: NodeDuties.limits)
        configuration.recurring = NodeDuties.drafts
        configuration.isShared = settings.store.isShared
        configuration.mask = known.mask
        return JobWorkers(
            jobs,
            node: node,
            handlers: handlers,
            configuration: configuration,
            metrics: JobMetrics(in: registry),
            logger: settings.logger()
        )
    }

    /// Listens; gives the address to show.
    func openDoors(_ settings: NodeSettings, opensPort: Bool) async throws -> String {
        let port = UInt16(clamping: settings.port)
        let socket = lock == nil ? nil : settings.socketPath
        let address = try server.start(host: opensPort ? settings.host : nil, port: port, socket: socket)
        guard opensPort else { return address }
        if settings.redis != nil, !settings.store.isShared {
            logger.info("Redis is not used: on SQLite one process serves the store, and has nobody to hear")
        }
        if clockIsSet { logger.warning("The project's clock was set by BATUTA_CLOCK", ["now": .string(clock.now().rfc3339)]) }
        let version = served.versions.current()
        logger.info("The project was loaded", ["project": .string(version.name), "version": .string(version.hash)])
        logger.info("Listening", ["rehearsal": .bool(version.isRehearsal), "address": .string(address)])
        return address
    }

    /// A file that a tool reads may come later; until then its calls fail.
    func tellMissingDatabases(of loaded: ProjectLoading.Loaded) {
        let checks = DatabaseChecks(loaded.project, served.circumstances.environment, folder: loaded.settings.projectFolder)
        for (database, path) in checks.missing {
            logger.warning(
                "The file of a database is not there; calls of its tools fail until it is",
                ["database": .string(database.name), "path": .string(path)]
            )
        }
    }

    /// Runs until it is cancelled.
    ///
    /// - Parameter firesSchedules: Only who serves looks at the clock: a command that is there for a moment makes up for nothing.
    func run(performsRuns: Bool, firesSchedules: Bool) async {
        await withTaskGroup(of: Void.self) { group in
            if performsRuns { group.addTask { await engine.run() } }
            if performsRuns, role.performsRuns { group.addTask { await workers.run() } }
            if firesSchedules, role.performsRuns { group.addTask { await schedules.run() } }
            group.addTask { await server.run() }
            group.addTask { await keepClock() }
            group.addTask { await followVault() }
            group.addTask { await toolCache.follow() }
            group.addTask { await log.follow() }
            group.addTask { await followOthers() }
            group.addTask { await followStore() }
            group.addTask { await followRedis() }
            group.addTask { await careForToolServers() }
            if let watchedFolder { group.addTask { await watch(watchedFolder) } }
            await group.waitForAll()
        }
    }

    func drain() async {
        server.beginDrain()
        async let jobs: Void = workers.drain(within: drainTimeout)
        await engine.drain(within: drainTimeout)
        await jobs
        await server.drain(within: .seconds(1))
    }

    func close() async {
        await tools.close()
        try? await clock.save()
        await database.close()
        http.shutdown()
    }

    /// A clock that was set must not go back over a restart; what another node moves on, it moves on here.
    private func keepClock() async {
        var (seconds, isTold) = (0, false)
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(clockIsSet ? 1 : 60))
            seconds += clockIsSet ? 1 : 60
            if clockIsSet { try? await clock.follow() }
            guard seconds % 60 == 0 else { continue }
            try? await clock.save()
            let trouble = clock.trouble
            if let trouble, !isTold { logger.warning("The machine's clock was set", ["what": .string(trouble.english)]) }
            isTold = trouble != nil
        }
    }

    /// Says when the store takes no writes, and tries one each second until it does: that is how the node learns that it is ready again.
    private func followStore() async {
        var isFailing = false
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            let failure = database.writeFailure
            if isFailing != (failure != nil) {
                isFailing = failure != nil
                if let failure {
                    logger.error("The store takes no writes; what was accepted waits", ["error": .string("\(failure)")])
                } else {
                    logger.info("The store takes writes again")
                }
            }
            if isFailing { try? await clock.save() }
        }
    }

    /// Secrets that another process wrote count within a second.
    private func followVault() async {
        var told = ""
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            do {
                if try await vault.refresh() {
                    await renew()
                    await toolCache.environmentChanged()
                }
                told = ""
            } catch {
                if told != "\(error)", !Task.isCancelled {
                    logger.error("The vault cannot be read; what was read before stays in force", ["error": .string("\(error)")])
                }
                told = "\(error)"
            }
        }
    }

    /// A changed folder becomes the version for new runs; a broken one is reported and changes nothing.
    private func watch(_ folder: String) async {
        let load: @Sendable (String) async -> ProjectLoad = { await Project.load(folder: $0, in: served.circumstances.environment) }
        let watcher = ProjectWatcher(folder: folder, current: served.versions.current().hash, load: load) { change in
            switch change {
            case .loaded(let project, _): await adopt(project)
            case .broken(let problems): report(await served.refuse(problems))
            case .environment:
                served.circumstances.environment = EnvironmentView.current(folder: folder).0.with(vault)
                await renew()
                await toolCache.environmentChanged()
                logger.info("The .env file changed; it counts from now on")
            }
        }
        do {
            try await watcher.run()
        } catch {
            logger.warning("The project's folder is not watched: restart after a change", ["error": .string("\(error)")])
        }
    }

    func adopt(_ project: Project) async {
        do {
            let problems = try await served.adopt(project)
            guard problems.isEmpty else { return report(problems) }
            tools.servers.serve(only: project.toolServers)
            server.status.report(problems: [])
            logger.info("The project was reloaded", ["project": .string(project.name), "version": .string(project.snapshot.hash)])
        } catch {
            logger.error("The project could not be reloaded", ["error": .string("\(error)")])
            let words = Words("the project could not be reloaded: \(error)", "não foi possível recarregar o projeto: \(error)")
            report(await served.refuse([ProjectProblem(path: "batuta.yaml", line: 1, message: words)]))
        }
    }

    /// A key came, changed or went.
    func renew() async {
        do {
            server.status.report(problems: try await served.renew())
        } catch {
            logger.error("The project could not be compiled anew", ["error": .string("\(error)")])
        }
    }

    private func report(_ problems: [ProjectProblem]) {
        server.status.report(problems: problems)
        for problem in problems { logger.warning("The project was not reloaded", ["problem": .string("\(problem)")]) }
    }
}

/// Every capability's tables.
enum Migrations {
    static let all = [
        RunsMigrations.set, BlobStore.migrations, StoredClock.migrations, SnapshotStore.migrations, IdentityMigrations.set,
        Vault.migrations, ModelConnectionStore.migrations, NodeBoard.migrations, MCPToolStore.migrations, QueueMigrations.set,
        MemoryMigrations.set, ExperimentMigrations.set, ConnectionStore.migrations, ToolCacheMarks.migrations,
        MoneyMigrations.set, ResponseCacheMigrations.set, ScheduleMigrations.set,
    ]
}
