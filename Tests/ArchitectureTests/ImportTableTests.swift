import Testing

/// Holds the import table of the design: targets import only downwards and only along the listed edges.
@Suite struct ImportTableTests {
    static let allowed: [String: Set<String>] = [
        "BatutaCore": [],
        "BatutaTelemetry": ["BatutaCore"],
        "BatutaStorage": ["BatutaCore", "BatutaTelemetry"],
        "BatutaHTTP": ["BatutaCore", "BatutaTelemetry"],
        "BatutaRuns": ["BatutaCore", "BatutaTelemetry", "BatutaStorage"],
        "BatutaQueue": ["BatutaCore", "BatutaTelemetry", "BatutaStorage"],
        "BatutaMemory": ["BatutaCore", "BatutaTelemetry", "BatutaStorage"],
        "BatutaModels": ["BatutaCore", "BatutaTelemetry", "BatutaHTTP", "BatutaStorage"],
        "BatutaTools": ["BatutaCore", "BatutaTelemetry", "BatutaHTTP", "BatutaStorage"],
        "BatutaAgents": [
            "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels", "BatutaTools",
        ],
        "BatutaServer": [
            "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
            "BatutaTools", "BatutaAgents",
        ],
        "BatutaSimulators": ["BatutaCore"],
        "BatutaTesting": [
            "BatutaCore", "BatutaTelemetry", "BatutaStorage", "BatutaHTTP", "BatutaRuns", "BatutaQueue", "BatutaMemory", "BatutaModels",
            "BatutaTools", "BatutaAgents", "BatutaSimulators",
        ],
    ]

    /// Each C library is seen by one Swift target only.
    static let shims: [String: String] = [
        "CSimdjson": "BatutaCore", "CRE2": "BatutaCore", "CBeast": "BatutaHTTP", "CCurl": "BatutaHTTP", "CSQLite": "BatutaStorage",
        "CCrypto": "BatutaStorage", "CArgon2": "BatutaStorage", "CYAML": "BatutaAgents", "CTemplates": "BatutaAgents",
        "CWeb": "BatutaServer", "CEditline": "batuta", "CPostgres": "BatutaStorage", "CRedis": "BatutaStorage", "CProcess": "BatutaTools",
        "CPythonTools": "BatutaTools", "CVectors": "BatutaModels",
    ]

    static let sources = Sources.swiftFiles()

    @Test func `there are sources to look at`() { #expect(Self.sources.count > 50) }

    @Test(arguments: allowed.keys.sorted())
    func `a target imports only what the table allows`(_ target: String) throws {
        let permitted = try #require(Self.allowed[target])
        for file in Self.sources where file.target == target {
            let ours = file.imports.filter { $0.hasPrefix("Batuta") }
            #expect(Set(ours).isSubset(of: permitted), "\(file.path) imports \(Set(ours).subtracting(permitted).sorted())")
        }
    }

    @Test func `a C library is imported by its one target, and never publicly`() {
        for file in Self.sources {
            for name in file.imports where Self.shims[name] != nil {
                #expect(Self.shims[name] == file.target, "\(file.path) imports \(name)")
            }
            #expect(file.publicImports.allSatisfy { Self.shims[$0] == nil }, "\(file.path) re-exports a C library")
        }
    }

    @Test func `nothing but tests imports BatutaTesting`() {
        for file in Self.sources where file.target != "BatutaTesting" {
            #expect(!file.imports.contains("BatutaTesting"), "\(file.path)")
        }
    }

    @Test func `models are asked through one door, where money is set aside first`() {
        let doors = Self.sources.filter { $0.asksModels && !["BatutaModels", "BatutaTesting"].contains($0.target) }
        #expect(doors.map(\.path) == ["BatutaAgents/Engine/ModelDoor.swift"])
    }

    @Test func `file names say what is in them`() {
        let empty = ["Utils", "Util", "Helper", "Helpers", "Manager", "Common", "Misc", "Base", "Impl", "V2"]
        for file in Self.sources {
            #expect(!empty.contains { file.name.hasSuffix($0) }, "\(file.path)")
        }
    }
}
