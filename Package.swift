// swift-tools-version: 6.2
import PackageDescription

#if canImport(Glibc)
import Glibc

// Symbols that nobody looks for and relocations a word each would be a tenth of what a program has in memory. Packed relocations are what glibc reads
// from 2.36 on: "glibc 2.36".
var libc = [CChar](repeating: 0, count: 64)
confstr(Int32(_CS_GNU_LIBC_VERSION), &libc, libc.count)
let version = libc.map { UInt8(bitPattern: $0) }.split(whereSeparator: { !(0x30...0x39).contains($0) }).compactMap {
    Int(String(decoding: $0, as: UTF8.self))
}
let packed = [2, 36].lexicographicallyPrecedes(version + [0]) ? ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"] : []
let linking: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe"] + packed,
        .when(platforms: [.linux], configuration: .release)
    )
]
#else
let linking: [LinkerSetting] = []
#endif

let package = Package(
    name: "store-weaver",
    platforms: [.macOS(.v15)],
    traits: [.trait(name: "FaultSwitches", description: "Lets a safety be left out by FAULT_SWITCH_OFF, for scripts/chaos --without.")],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.3"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    // In the order in which data flows; docs/ARCHITECTURE.md tells which target may import which. The products have short names below.
    targets: [
        .target(name: "StoreDomain"),

        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(name: "ThreadedIO", dependencies: [.deque], swiftSettings: [.strictMemorySafety()]),
        .target(
            name: "Postgres",
            dependencies: ["CLibpq", "StoreDomain", "ThreadedIO", .crypto, .deque, .logging],
            swiftSettings: [.strictMemorySafety()]
        ),
        .target(
            name: "Redis",
            dependencies: ["CHiredis", "ThreadedIO", .crypto, .nioCore, .nioPosix, .nioSSL, .nioTLS],
            swiftSettings: [.strictMemorySafety()]
        ),

        .target(
            name: "StoreRecords",
            dependencies: ["StoreDomain", "ThreadedIO", "Postgres", .coreMetrics, .logging],
            resources: [.copy("Schema")]
        ),
        .target(name: "JobQueue", dependencies: ["StoreDomain", "ThreadedIO", "Redis", .logging], resources: [.embedInCode("Scripts")]),
        .target(
            name: "JobDispatch",
            dependencies: [
                "StoreDomain", "ThreadedIO", "StoreRecords", "JobQueue", "Observability", .coreMetrics, .logging, .metrics,
                .lifecycle,
            ]
        ),

        .target(name: "CHelmGuard", cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]),
        .target(name: "HelmGuard", dependencies: ["CHelmGuard"]),
        .executableTarget(name: "helm-guard", dependencies: ["HelmGuard"]),
        .target(
            name: "Cluster",
            dependencies: [
                "StoreDomain", "Observability", "Program", .httpClient, .coreMetrics, .logging, .metrics, .nioCore, .nioFoundation,
                .nioHTTP1, .nioSSL, .subprocess, .system, .yams,
            ]
        ),
        .target(name: "Observation", dependencies: ["StoreDomain", "Cluster", .logging]),
        .target(name: "Provisioning", dependencies: ["StoreDomain", "Cluster", "Observation", .coreMetrics, .crypto]),

        .target(name: "Sealing", dependencies: ["StoreDomain", "Program", .configuration, .crypto]),
        .target(
            name: "Identity",
            dependencies: [
                "StoreDomain", "StoreRecords", "Sealing", .httpClient, .crypto, .cryptoExtras, .jwt, .logging, .nioCore, .nioHTTP1,
            ]
        ),
        .target(
            name: "Observability",
            dependencies: [
                "ThreadedIO", "Program", .httpClient, .configuration, .coreMetrics, .hummingbird, .logging, .nioCore, .nioHTTP1, .lifecycle,
            ]
        ),
        .target(name: "Program", dependencies: ["StoreDomain", .configuration, .logging, .lifecycle, .signals]),
        // Page is what scripts/dashboard makes Public/built of; without that the page tells how.
        .target(name: "Dashboard", exclude: ["Page"], resources: [.copy("Public")]),
        .target(
            name: "StoreAPI",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Sealing", "Identity",
                "Observability", "Program", "Dashboard", .httpClient, .configuration, .coreMetrics, .crypto, .httpTypes, .hummingbird,
                .logging,
                .metrics, .nioCore, .nioHTTP1, .nioHTTPCompression, .nioHTTPTypes, .orderedCollections, .lifecycle, .yams,
            ],
            resources: [.copy("OpenAPI")]
        ),
        .target(
            name: "StoreGate",
            dependencies: [
                "StoreDomain", "StoreRecords", "Program", .configuration, .coreMetrics, .crypto, .httpTypes, .hummingbird, .logging,
                .nioCore,
            ]
        ),
        .target(
            name: "StoreCourier",
            dependencies: [
                "StoreDomain", "StoreRecords", "Sealing", "Program", .httpClient, .configuration, .coreMetrics, .logging, .nioCore,
                .nioHTTP1,
                .nioPosix, .nioSSL, .lifecycle,
            ]
        ),
        .target(
            name: "StoreVault",
            dependencies: [
                "StoreDomain", "Sealing", "Program", .httpClient, .configuration, .coreMetrics, .crypto, .httpTypes, .hummingbird,
                .logging, .nioCore, .nioFoundation, .nioHTTP1, .lifecycle,
            ]
        ),
        .target(
            name: "CResolver",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("resolv")]
        ),
        .target(
            name: "StoreWorker",
            dependencies: [
                "CResolver", "StoreDomain", "StoreRecords", "JobDispatch", "Cluster", "Observation", "Provisioning", "Sealing",
                "Program",
                .configuration, .coreMetrics, .httpClient, .logging, .lifecycle, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
            ]
        ),

        .executableTarget(
            name: "store-api",
            dependencies: [
                "ThreadedIO", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Observability", "Program", "StoreAPI", .logging,
            ]
        ),
        .executableTarget(name: "store-gate", dependencies: ["StoreRecords", "Observability", "Program", "StoreGate", .logging]),
        .executableTarget(name: "store-courier", dependencies: ["StoreRecords", "Observability", "Program", "StoreCourier", .logging]),
        .executableTarget(name: "store-vault", dependencies: ["Observability", "StoreVault", .logging]),
        .executableTarget(
            name: "store-worker",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Cluster", "Provisioning", "Observability",
                "Program", "StoreWorker", .logging, .lifecycle,
            ]
        ),
        .executableTarget(
            name: "storectl",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Cluster", "Provisioning",
                "Sealing", "Identity", "Observability", "Program", "StoreAPI", "StoreWorker", .arguments, .configuration, .logging,
            ]
        ),

        .target(
            name: "ClusterSimulator",
            dependencies: [.httpClient, .httpTypes, .hummingbird, .logging, .nioCore, .nioHTTP1, .lifecycle, .yams]
        ),
        .executableTarget(name: "cluster-sim", dependencies: ["ClusterSimulator", .arguments, .logging, .lifecycle, .signals]),

        // Measures the queue for scripts/bench.
        .executableTarget(
            name: "queue-bench",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Postgres", "Redis", "StoreRecords", "JobQueue", "JobDispatch", .logging, .lifecycle,
            ]
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "StoreDomain", "Postgres", "Redis", "StoreRecords", .hummingbird, .jwt, .logging, .nioCore, .subprocess, .system,
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "StoreDomainTests", dependencies: ["StoreDomain"]),
        .testTarget(name: "ProgramTests", dependencies: ["StoreDomain", "Program", .configuration]),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability", .coreMetrics]),
        .testTarget(name: "ThreadedIOTests", dependencies: ["ThreadedIO"]),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["ThreadedIO", "Postgres", "StoreRecords", "TestSupport", .logging, .nioCore, .nioPosix]
        ),
        .testTarget(name: "RedisTests", dependencies: ["ThreadedIO", "Redis", "TestSupport"]),
        .testTarget(name: "StoreRecordsTests", dependencies: ["StoreDomain", "Postgres", "StoreRecords", "TestSupport"]),
        .testTarget(name: "JobQueueTests", dependencies: ["StoreDomain", "ThreadedIO", "Redis", "JobQueue", "TestSupport", .logging]),
        .testTarget(
            name: "JobDispatchTests",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Postgres", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "TestSupport", .logging,
                .lifecycle,
            ]
        ),
        .testTarget(name: "HelmGuardTests", dependencies: ["CHelmGuard", "HelmGuard", "TestSupport", .subprocess, .system]),
        .testTarget(
            name: "ClusterTests",
            dependencies: ["StoreDomain", "Cluster", "TestSupport", .nioCore, .nioPosix, .nioSSL, .nioTLS, .subprocess, .system]
        ),
        .testTarget(
            name: "ObservationTests",
            dependencies: ["StoreDomain", "Cluster", "Observation", "ClusterSimulator", "TestSupport", .logging]
        ),
        .testTarget(
            name: "ProvisioningTests",
            dependencies: [
                "StoreDomain", "Cluster", "Observation", "Observability", "Provisioning", "ClusterSimulator", "TestSupport", .coreMetrics,
            ]
        ),
        .testTarget(name: "SealingTests", dependencies: ["StoreDomain", "StoreRecords", "Sealing", "Program", .crypto]),
        .testTarget(
            name: "IdentityTests",
            dependencies: ["StoreDomain", "Sealing", "Identity", "Program", "TestSupport", .crypto, .hummingbird, .jwt, .logging, .nioCore]
        ),
        .testTarget(
            name: "StoreWorkerTests",
            dependencies: [
                "CResolver", "StoreDomain", "Postgres", "StoreRecords", "JobDispatch", "Cluster", "Observability", "Observation",
                "Provisioning",
                "Program", "Sealing", "StoreWorker", "TestSupport", .configuration, .coreMetrics, .httpClient, .hummingbird, .logging,
                .lifecycle,
            ]
        ),
        .testTarget(
            name: "StoreAPITests",
            dependencies: [
                "StoreDomain", "Postgres", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Sealing", "Identity", "Program", "StoreAPI",
                "TestSupport", .configuration, .httpTypes, .hummingbird, .hummingbirdTesting, .logging, .nioCore, .nioPosix, .lifecycle,
                .yams,
            ]
        ),
        .testTarget(
            name: "StoreGateTests",
            dependencies: [
                "StoreDomain", "Postgres", "StoreRecords", "StoreGate", "TestSupport", .configuration, .crypto, .hummingbird,
                .hummingbirdTesting, .logging, .nioCore, .nioPosix,
            ]
        ),
        .testTarget(
            name: "StoreCourierTests",
            dependencies: [
                "StoreDomain", "Postgres", "StoreRecords", "Sealing", "Program", "StoreCourier", "TestSupport", .configuration, .logging,
                .nioCore, .nioPosix, .nioSSL,
            ]
        ),
        .testTarget(
            name: "StoreVaultTests",
            dependencies: ["Program", "Sealing", "StoreVault", .configuration, .crypto, .httpTypes, .nioCore]
        ),
        .testTarget(
            name: "ClusterSimulatorTests",
            dependencies: ["ClusterSimulator", .subprocess, .system],
            resources: [.copy("Fixtures")]
        ),
    ]
)

extension Target.Dependency {
    static var arguments: Self { .product(name: "ArgumentParser", package: "swift-argument-parser") }
    static var configuration: Self { .product(name: "Configuration", package: "swift-configuration") }
    static var coreMetrics: Self { .product(name: "CoreMetrics", package: "swift-metrics") }
    static var crypto: Self { .product(name: "Crypto", package: "swift-crypto") }
    static var cryptoExtras: Self { .product(name: "CryptoExtras", package: "swift-crypto") }
    static var deque: Self { .product(name: "DequeModule", package: "swift-collections") }
    static var httpClient: Self { .product(name: "AsyncHTTPClient", package: "async-http-client") }
    static var httpTypes: Self { .product(name: "HTTPTypes", package: "swift-http-types") }
    static var hummingbird: Self { .product(name: "Hummingbird", package: "hummingbird") }
    static var hummingbirdTesting: Self { .product(name: "HummingbirdTesting", package: "hummingbird") }
    static var jwt: Self { .product(name: "JWTKit", package: "jwt-kit") }
    static var lifecycle: Self { .product(name: "ServiceLifecycle", package: "swift-service-lifecycle") }
    static var logging: Self { .product(name: "Logging", package: "swift-log") }
    static var metrics: Self { .product(name: "Metrics", package: "swift-metrics") }
    static var nioCore: Self { .product(name: "NIOCore", package: "swift-nio") }
    static var nioFoundation: Self { .product(name: "NIOFoundationCompat", package: "swift-nio") }
    static var nioHTTP1: Self { .product(name: "NIOHTTP1", package: "swift-nio") }
    static var nioHTTPCompression: Self { .product(name: "NIOHTTPCompression", package: "swift-nio-extras") }
    static var nioHTTPTypes: Self { .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras") }
    static var nioPosix: Self { .product(name: "NIOPosix", package: "swift-nio") }
    static var nioSSL: Self { .product(name: "NIOSSL", package: "swift-nio-ssl") }
    static var nioTLS: Self { .product(name: "NIOTLS", package: "swift-nio") }
    static var orderedCollections: Self { .product(name: "OrderedCollections", package: "swift-collections") }
    static var signals: Self { .product(name: "UnixSignals", package: "swift-service-lifecycle") }
    static var subprocess: Self { .product(name: "Subprocess", package: "swift-subprocess") }
    static var system: Self { .product(name: "SystemPackage", package: "swift-system") }
    static var yams: Self { .product(name: "Yams", package: "Yams") }
}

// For scripts/bench micro alone: who builds or tests the rest needs none of it.
if Context.environment["MICRO_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "HotParts",
            dependencies: [
                "StoreAPI", "StoreDomain", "StoreRecords", "JobQueue", "Postgres", "Redis",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Tests/Bench/Benchmarks/HotParts",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    )
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .treatAllWarnings(as: .error),
        ]
    if target.type == .executable { target.linkerSettings = (target.linkerSettings ?? []) + linking }
}
