// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "batuta-benchmarks",
    dependencies: [.package(name: "batuta", path: "..")],
    targets: [
        .target(name: "CFloor", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "bench",
            dependencies: ["CFloor", .product(name: "BatutaLibraries", package: "batuta")],
            swiftSettings: strict,
            // As the program itself.
            linkerSettings: [.linkedLibrary("mimalloc")]
        ),
    ]
)
