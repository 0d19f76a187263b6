import Foundation
import Glibc

/// A PostgreSQL server that is reached as one over a network is: by TCP with TLS and passwords (SCRAM) only, and through PgBouncer, which hands out its
/// processes per transaction. A server of its own for the tests that need it, gone when this process is.
public final class NetworkedPostgres: Sendable {
    /// `host:port` of the server, which lets nobody in without TLS.
    public let server: String
    /// `host:port` of the pooler, which speaks no TLS to its clients.
    public let pooler: String
    /// The certificate that vouches for the server, and one that does not.
    public let certificate: String
    public let strangeCertificate: String
    public static let password = "p w/%&?"
    private let guardian: SpawnedProcess
    private let leash: Int32

    /// Starts both; takes two seconds or three.
    public init() async throws {
        let binaries = try PostgresCluster.findBinaries()
        guard access(Self.poolerProgram, X_OK) == 0 else {
            throw PostgresCluster.Missing(
                description: "these tests need PgBouncer: run scripts/bootstrap --tests, or apt-get install pgbouncer"
            )
        }
        let folder = TemporaryFolder.make()
        let (serverPort, poolerPort) = (try LoopbackSocket.freePort(), try LoopbackSocket.freePort())
        let (input, output) = (try Pipe(), try Pipe())
        guardian = try SpawnedProcess(
            "/bin/bash",
            ["-c", Self.script, "guardian", folder, binaries, "\(serverPort)", "\(poolerPort)", Self.password],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"],
            folder: "/",
            files: (input.reading, output.writing, nil)
        )
        leash = input.writing
        close(input.reading)
        close(output.writing)
        let said = await Blocking.run { output.readAll() }
        guard said.hasPrefix("ready") else {
            throw PostgresCluster.Missing(description: "the tests' own PostgreSQL with PgBouncer does not start: \(said)")
        }
        server = "localhost:\(serverPort)"
        pooler = "localhost:\(poolerPort)"
        certificate = folder + "/server.crt"
        strangeCertificate = folder + "/strange.crt"
    }

    /// Ends both and removes their folder.
    public func stop() async {
        close(leash)
        _ = await guardian.end()
    }

    /// - Parameter place: `server` or `pooler`.
    public func url(_ place: String, _ parameters: String, password: String = NetworkedPostgres.password) -> String {
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgres://batuta:\(escaped)@\(place)/postgres?\(parameters)"
    }

    private static let poolerProgram = "/usr/sbin/pgbouncer"

    private static let script = """
        trap : INT TERM HUP
        \(PostgresCluster.asServer)
        folder=$1 binaries=$2 port=$3 pooler=$4 password=$5
        if [ -n "$as" ]; then chown postgres "$folder"; fi
        cd "$folder"
        start() {
            for name in server strange; do
                $as openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \\
                    -addext subjectAltName=DNS:localhost -keyout $name.key -out $name.crt
            done
            printf '%s' "$password" | $as tee password >/dev/null
            $as "$binaries/initdb" -D data -U batuta --pwfile=password -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync
            printf 'local all all scram-sha-256\\nhostssl all all 127.0.0.1/32 scram-sha-256\\nhostnossl all all 127.0.0.1/32 reject\\n' |
                $as tee data/pg_hba.conf >/dev/null
            options="-k $folder -c listen_addresses=127.0.0.1 -c port=$port -c ssl=on -c ssl_cert_file=$folder/server.crt"
            options="$options -c ssl_key_file=$folder/server.key -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"
            $as "$binaries/pg_ctl" -D data -w -l server.log -o "$options" start
            printf '"batuta" "%s"\\n' "$password" | $as tee users.txt >/dev/null
            printf '%s\\n' "[databases]" "postgres = host=127.0.0.1 port=$port" "[pgbouncer]" "listen_addr = 127.0.0.1" "listen_port = $pooler" \\
                "unix_socket_dir =" "auth_type = scram-sha-256" "auth_file = $folder/users.txt" "pool_mode = transaction" "default_pool_size = 3" \\
                "max_client_conn = 200" "server_tls_sslmode = require" "logfile = $folder/pooler.log" "pidfile = $folder/pooler.pid" |
                $as tee pooler.ini >/dev/null
            $as \(poolerProgram) -d pooler.ini
            for try in $(seq 200); do (exec 3<>/dev/tcp/127.0.0.1/$pooler) 2>/dev/null && return; sleep 0.05; done
            return 1
        }
        if (set -e; start) >start.log 2>&1; then echo ready; else tail -n 5 ./*.log; fi
        exec >&-
        read -r ended || true
        kill "$(cat pooler.pid)" 2>/dev/null || true
        $as "$binaries/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1 || true
        rm -rf "$folder"
        """
}
