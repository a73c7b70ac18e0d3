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
    // In the order in which data flows; docs/ARCHITECTURE.md tells which target may import which.
    targets: [
        .target(name: "StoreDomain"),

        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(
            name: "ThreadedIO",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.strictMemorySafety()]
        ),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibpq", "ThreadedIO",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [.strictMemorySafety()]
        ),
        .target(
            name: "Redis",
            dependencies: [
                "CHiredis", "ThreadedIO",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [.strictMemorySafety()]
        ),

        .target(
            name: "StoreRecords",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                "StoreDomain", "Postgres",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Schema")]
        ),
        .target(
            name: "JobQueue",
            dependencies: [
                "StoreDomain", "ThreadedIO", "Redis",
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Scripts")]
        ),
        .target(
            name: "JobDispatch",
            dependencies: [
                "Observability",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                "StoreDomain", "ThreadedIO", "Postgres", "StoreRecords", "JobQueue",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        .target(name: "CHelmGuard", cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]),
        .target(name: "HelmGuard", dependencies: ["CHelmGuard"]),
        .executableTarget(name: "helm-guard", dependencies: ["HelmGuard"]),
        .target(
            name: "Cluster",
            dependencies: [
                "Observability", "Program",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                "StoreDomain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Observation",
            dependencies: [
                "StoreDomain", "Cluster",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Provisioning",
            dependencies: [
                "StoreDomain", "Cluster", "Observation",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        .target(
            name: "Sealing",
            dependencies: ["StoreDomain", "StoreRecords", "Program", .product(name: "Crypto", package: "swift-crypto")]
        ),
        .target(
            name: "Identity",
            dependencies: [
                "StoreDomain", "StoreRecords", "Sealing", "Program",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .target(
            name: "Observability",
            dependencies: [
                "Program",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Program",
            dependencies: [
                "StoreDomain",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // Page is what scripts/dashboard makes Public/built of; without that the page tells how.
        .target(name: "Dashboard", exclude: ["Page"], resources: [.copy("Public")]),
        .target(
            name: "StoreAPI",
            dependencies: [
                "Observability",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                "StoreDomain", "ThreadedIO", "Postgres", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "Identity", "Sealing",
                "Dashboard",
                "Program",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.copy("OpenAPI")]
        ),
        .target(
            name: "StoreWorker",
            dependencies: [
                "StoreDomain", "Postgres", "StoreRecords", "JobQueue", "JobDispatch", "Cluster", "Observation", "Provisioning", "Sealing",
                "Program",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "store-api",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                "StoreAPI", "StoreDomain", "StoreRecords", "JobQueue", "JobDispatch", "ThreadedIO", "Postgres", "Redis", "Observability",
                "Program",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "store-worker",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                "StoreWorker", "StoreDomain", "StoreRecords", "JobQueue", "JobDispatch", "Cluster", "Observation", "Provisioning",
                "Sealing",
                "ThreadedIO",
                "Postgres", "Redis", "Observability", "Program",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "storectl",
            dependencies: [
                "StoreDomain", "StoreRecords", "Identity", "Sealing", "JobQueue", "JobDispatch", "Cluster", "Provisioning", "StoreWorker",
                "StoreAPI", "Observability", "Postgres",
                "Redis",
                "ThreadedIO", "Program",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        .target(
            name: "ClusterSimulator",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "cluster-sim",
            dependencies: [
                "ClusterSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // Measures the queue for scripts/bench.
        .executableTarget(
            name: "queue-bench",
            dependencies: [
                "StoreDomain", "Postgres", "Redis", "StoreRecords", "JobQueue", "JobDispatch", "ThreadedIO",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "Postgres", "Redis", "StoreDomain", "StoreRecords",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "StoreDomainTests", dependencies: ["StoreDomain"]),
        .testTarget(name: "ProgramTests", dependencies: ["Program", .product(name: "Configuration", package: "swift-configuration")]),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: [
                "Observability", "Program", .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Configuration", package: "swift-configuration"),
            ]
        ),
        .testTarget(name: "ThreadedIOTests", dependencies: ["ThreadedIO", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "PostgresTests",
            dependencies: [
                "Postgres", "ThreadedIO", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "RedisTests",
            dependencies: ["Redis", "ThreadedIO", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "StoreRecordsTests",
            dependencies: ["StoreRecords", "StoreDomain", "Postgres", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "JobQueueTests",
            dependencies: ["JobQueue", "StoreDomain", "Redis", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "JobDispatchTests",
            dependencies: [
                "JobDispatch", "JobQueue", "StoreRecords", "StoreDomain", "Postgres", "Redis", "ThreadedIO", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "HelmGuardTests",
            dependencies: [
                "CHelmGuard", "HelmGuard", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "ClusterTests",
            dependencies: [
                "Cluster", "StoreDomain", "ClusterSimulator", "TestSupport", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "ObservationTests",
            dependencies: [
                "Observation", "Cluster", "StoreDomain", "ClusterSimulator", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "ProvisioningTests",
            dependencies: [
                "Provisioning", "Observation", "Cluster", "StoreDomain", "ClusterSimulator", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "SealingTests", dependencies: ["Sealing", "StoreDomain", "StoreRecords", "Program"]),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "Identity", "Sealing", "StoreDomain", "Program", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "StoreWorkerTests",
            dependencies: [
                "StoreWorker", "StoreDomain", "StoreRecords", "JobDispatch", "Postgres", "Cluster", "Observation", "Provisioning",
                "Program",
                "TestSupport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "StoreAPITests",
            dependencies: [
                "StoreAPI", "StoreRecords", "StoreDomain", "JobQueue", "JobDispatch", "Identity", "Sealing", "Postgres", "Program", "Redis",
                "TestSupport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(
            name: "ClusterSimulatorTests",
            dependencies: [
                "ClusterSimulator", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.copy("Fixtures")]
        ),
    ]
)

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
