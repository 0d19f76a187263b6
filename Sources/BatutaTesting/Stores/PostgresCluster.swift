public import BatutaStorage
import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of the tests' own, from Debian's packages: on a unix socket in a temporary folder, gone when this process is, however that ends.
public final class PostgresCluster: Sendable {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String

        init(description: String) { self.description = description }
    }

    private static let started = Task { try await PostgresCluster() }

    /// The one that all tests of this process share; started at the first call.
    public static func shared() async throws -> PostgresCluster { try await started.value }

    public let folder: String
    private let binaries: String
    /// The script that looks after the server, and the end of the pipe that keeps it waiting.
    private let guardian: SpawnedProcess
    private let leash: Int32
    private let administration: PostgresDatabase
    /// By the path of the folder.
    private let schemas = Mutex<[String: String]>([:])

    /// Starts a server; takes a second or two.
    /// - Parameter isDurable: Whether its commits are flushed, as for measurements; tests need that of none.
    public init(isDurable: Bool = false) async throws {
        binaries = try Self.findBinaries()
        folder = TemporaryFolder.make()
        let (input, output) = (try Pipe(), try Pipe())
        guardian = try SpawnedProcess(
            "/bin/bash",
            ["-c", Self.script, "guardian", folder, binaries, isDurable ? "on" : "off"],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"],
            folder: "/",
            files: (input.reading, output.writing, nil)
        )
        leash = input.writing
        close(input.reading)
        close(output.writing)
        let said = await Blocking.run { output.readAll() }
        guard said.hasPrefix("ready") else {
            throw Missing(description: "the tests' own PostgreSQL does not start: \(said)")
        }
        administration = try PostgresDatabase(PostgresConfiguration(url: "postgres:///postgres?host=\(folder)&user=batuta"))
    }

    /// Ends the server and removes its folder. The shared one needs no call: it ends with the process.
    public func stop() async {
        await administration.close()
        close(leash)
        _ = await guardian.end()
    }

    /// Ends the server and starts it again; `immediately` is as if it were killed.
    public func restart(immediately: Bool = true) async throws {
        let mode = immediately ? "immediate" : "fast"
        try await run(
            Self.asServer + "$as \"$2/pg_ctl\" -D \"$1/data\" -m \(mode) -w restart -l \"$1/server.log\" >/dev/null",
            "does not restart"
        )
    }

    /// As a crash does: the server is gone at once, and its children when they find out.
    public func kill() async throws {
        try await run("read -r pid <\"$1/data/postmaster.pid\" && kill -KILL \"$pid\"", "is not killed")
    }

    /// Starts it again after `kill`. Refused as long as a child of the one before is there, so it is tried again.
    public func start() async throws {
        try await run(
            Self.asServer
                + """
                options="-k $1 -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=500 -c shared_buffers=64MB"
                for ((tries = 0; tries < 100; tries++)); do
                    if $as "$2/pg_ctl" -D "$1/data" -w -t 60 -l "$1/server.log" -o "$options" start >/dev/null 2>&1; then exit 0; fi
                    sleep 0.1
                done
                tail -n 5 "$1/server.log" >&2
                exit 1
                """,
            "does not start again"
        )
    }

    private func run(_ script: String, _ failure: String) async throws {
        let outcome = try await SpawnedProcess.run(
            "/bin/bash",
            ["-c", script, "cluster", folder, binaries],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"],
            folder: "/"
        )
        guard outcome.ending == .exited(0) else { throw Missing(description: "PostgreSQL \(failure): \(outcome.error)") }
    }

    static func findBinaries() throws -> String {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = folders.compactMap(Int.init).filter { access("/usr/lib/postgresql/\($0)/bin/initdb", X_OK) == 0 }.max()
        guard let newest else {
            throw Missing(description: "these tests need a PostgreSQL server: run scripts/bootstrap --tests, or apt-get install postgresql")
        }
        return "/usr/lib/postgresql/\(newest)/bin"
    }

    /// PostgreSQL does not run as root; its package makes a user for it. And it lives long: a socket or a pipe of another test that it inherited would
    /// stay open when that test closes it.
    static let asServer = """
        set -eu
        for file in /proc/$$/fd/*; do number=${file##*/}; if ((number > 2)); then eval "exec $number>&-"; fi; done
        as=""
        if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --init-groups --"; fi

        """

    /// Its language is none in which texts are in the order of their bytes, so that what relies on that order says so. Nothing is flushed: the machine
    /// does not lose power during a test, and a server that is killed keeps what it handed to the system.
    private static let script = """
        trap : INT TERM HUP
        \(asServer)
        if [ -n "$as" ]; then chown postgres "$1"; fi
        language="--locale=C.UTF-8"
        if "$2/initdb" --help | grep -q icu-locale; then language="$language --locale-provider=icu --icu-locale=en-US"; fi
        options="-k $1 -c listen_addresses= -c fsync=$3 -c full_page_writes=$3 -c deadlock_timeout=100ms"
        options="$options -c max_connections=500 -c shared_buffers=64MB -c max_wal_size=256MB"
        cd "$1"
        if $as "$2/initdb" -D "$1/data" -U batuta -A trust -E UTF8 $language --no-sync >"$1/initdb.log" 2>&1 &&
            $as "$2/pg_ctl" -D "$1/data" -w -l "$1/server.log" -o "$options" start >/dev/null 2>&1
        then echo ready; else tail -n 5 "$1"/*.log; fi
        exec >&-
        read -r ended || true
        $as "$2/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || true
        rm -rf "$1"
        """
}

extension PostgresCluster {
    /// The variable by which a process that a test started finds the store.
    public static let variable = "BATUTA_TEST_POSTGRES"

    /// Where the store of a folder is, unless it is said otherwise.
    static func place(_ given: PostgresConfiguration?, of folder: TemporaryFolder) async throws -> PostgresConfiguration {
        if let given { return given }
        if let url = getenv(variable) { return PostgresConfiguration(url: String(cString: url), maximumReaders: 2) }
        return try await shared().configuration(for: folder)
    }

    /// The schema that belongs to a folder, made at the first call: a store of its own that costs a millisecond, where a database copies eight megabytes.
    public func configuration(for folder: TemporaryFolder) async throws -> PostgresConfiguration {
        let schema = schemas.withLock { schemas in
            let name = schemas[folder.path] ?? "store\(schemas.count + 1)"
            schemas[folder.path] = name
            return name
        }
        var batch = WriteBatch(order: schema)
        batch.add(SQL(program: "CREATE SCHEMA IF NOT EXISTS \(schema)"))
        _ = try await administration.write(batch)
        return configuration(url("postgres") + "&options=-csearch_path%3D\(schema)")
    }

    /// A database for a folder alone, for tests that do something to all of it.
    public func ownDatabase(for folder: TemporaryFolder) async throws -> (name: String, configuration: PostgresConfiguration) {
        let name = String(folder.path.split(separator: "/").last ?? "")
        try await execute("CREATE DATABASE \"\(name)\"")
        return (name, configuration(url(name)))
    }

    private func configuration(_ url: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(url: url, maximumReaders: 2)
        configuration.idleTimeout = .seconds(2)
        return configuration
    }

    public func url(_ database: String) -> String { "postgres:///\(database)?host=\(folder)&user=batuta" }

    /// Runs one statement outside of every transaction.
    public func execute(_ statement: String) async throws {
        try await PostgresDatabase.execute(statement, PostgresConfiguration(url: url("postgres")))
    }
}
