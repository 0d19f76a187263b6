// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A C or C++ library behind a small C interface, imported by exactly one Swift target.
func shim(_ name: String, links libraries: String...) -> Target {
    .target(
        name: name,
        path: "Sources/Shims/\(name)",
        linkerSettings: libraries.map { .linkedLibrary($0) }
    )
}

/// Takes the place of libc's malloc in the program: what one thread makes and another lets go costs a sixth of a run there.
let allocator = LinkerSetting.linkedLibrary("mimalloc")

func capability(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// What programs that embed Batuta, and the benchmarks, may import.
let libraries = [
    "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
    "BatutaTools", "BatutaAgents", "BatutaSimulators", "BatutaTesting",
]

let package = Package(
    name: "batuta",
    products: [
        .executable(name: "batuta", targets: ["batuta"]),
        .library(name: "BatutaLibraries", targets: libraries),
    ],
    targets: [
        shim("CSimdjson", links: "simdjson"),
        shim("CRE2", links: "re2"),
        shim("CBeast"),
        shim("CCurl", links: "curl"),
        shim("CSQLite", links: "sqlite3"),
        shim("CPostgres", links: "pq"),
        shim("CRedis", links: "hiredis"),
        shim("CCrypto", links: "crypto"),
        shim("CArgon2", links: "argon2"),
        shim("CYAML", links: "yaml"),
        shim("CEditline", links: "edit"),
        shim("CTemplates"),
        shim("CProcess"),
        shim("CVectors"),
        // The program in it is embedded, not compiled.
        .target(name: "CPythonTools", path: "Sources/Shims/CPythonTools", exclude: ["batuta.py"]),
        // The page lies beside it once it is built.
        .target(name: "CWeb", path: "Sources/Shims/CWeb", sources: ["CWeb.c"]),

        capability("BatutaCore", ["CSimdjson", "CRE2"]),
        capability("BatutaTelemetry", ["BatutaCore"]),
        capability("BatutaStorage", ["BatutaCore", "BatutaTelemetry", "CSQLite", "CPostgres", "CRedis", "CCrypto", "CArgon2"]),
        capability("BatutaHTTP", ["BatutaCore", "BatutaTelemetry", "CBeast", "CCurl"]),
        capability("BatutaRuns", ["BatutaCore", "BatutaTelemetry", "BatutaStorage"]),
        capability("BatutaQueue", ["BatutaCore", "BatutaTelemetry", "BatutaStorage"]),
        capability("BatutaMemory", ["BatutaCore", "BatutaTelemetry", "BatutaStorage"]),
        capability("BatutaModels", ["BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "CVectors"]),
        capability("BatutaTools", ["BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "CProcess", "CPythonTools"]),
        capability(
            "BatutaAgents",
            [
                "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
                "BatutaTools",
                "CYAML", "CTemplates",
            ]
        ),
        capability(
            "BatutaServer",
            [
                "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
                "BatutaTools", "BatutaAgents", "CWeb",
            ]
        ),
        capability("BatutaSimulators", ["BatutaCore"]),
        .executableTarget(
            name: "batuta",
            dependencies: [
                "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
                "BatutaTools", "BatutaAgents", "BatutaServer", "BatutaSimulators", "CEditline",
            ],
            swiftSettings: strict,
            linkerSettings: [allocator]
        ),

        capability(
            "BatutaTesting",
            [
                "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
                "BatutaTools", "BatutaAgents", "BatutaSimulators",
            ]
        ),
        // A program that the crash tests start, kill and start again; no product.
        .executableTarget(
            name: "crash-subject",
            dependencies: ["BatutaCore", "BatutaStorage", "BatutaRuns", "BatutaAgents", "BatutaTesting"],
            path: "Tests/Support/CrashSubject",
            swiftSettings: strict
        ),
        tests("ArchitectureTests", []),
        tests("BatutaCoreTests", ["BatutaCore"]),
        tests("BatutaTelemetryTests", ["BatutaTelemetry", "BatutaCore"]),
        tests("BatutaStorageTests", ["BatutaStorage", "BatutaCore", "BatutaTelemetry", "BatutaTesting"]),
        tests("BatutaHTTPTests", ["BatutaHTTP", "BatutaCore", "BatutaTelemetry"]),
        tests("BatutaRunsTests", ["BatutaRuns", "BatutaStorage", "BatutaCore", "BatutaTesting"], exclude: ["Golden"]),
        tests("BatutaQueueTests", ["BatutaQueue", "BatutaStorage", "BatutaCore", "BatutaTelemetry", "BatutaTesting"]),
        tests("BatutaMemoryTests", ["BatutaMemory", "BatutaStorage", "BatutaCore", "BatutaTesting"]),
        tests("BatutaModelsTests", ["BatutaModels", "BatutaHTTP", "BatutaCore", "BatutaTelemetry", "BatutaSimulators", "BatutaTesting"]),
        tests("BatutaToolsTests", ["BatutaTools", "BatutaHTTP", "BatutaStorage", "BatutaCore", "BatutaTelemetry", "BatutaTesting"]),
        tests(
            "BatutaAgentsTests",
            [
                "BatutaAgents", "BatutaMemory", "BatutaRuns", "BatutaQueue", "BatutaModels", "BatutaTools", "BatutaStorage", "BatutaHTTP",
                "BatutaCore", "BatutaSimulators", "BatutaTesting", "crash-subject",
            ],
            exclude: ["Corpus/cases", "Corpus/base.txt", "Corpus/whole.txt"]
        ),
        tests(
            "BatutaServerTests",
            [
                "BatutaServer", "BatutaAgents", "BatutaMemory", "BatutaRuns", "BatutaQueue", "BatutaTools", "BatutaHTTP", "BatutaStorage",
                "BatutaCore", "BatutaSimulators",
                "BatutaTesting",
            ]
        ),
        tests("CommandTests", ["BatutaCore", "BatutaHTTP", "BatutaStorage", "BatutaSimulators", "BatutaTesting"]),
    ],
    cxxLanguageStandard: .cxx17
)
