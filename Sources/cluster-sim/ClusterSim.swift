internal import ArgumentParser
internal import ClusterSimulator
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The cluster simulator as a program. See `Simulator` for what it is, and what not.
@main
struct ClusterSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-sim",
        abstract: "A simulated Kubernetes API in memory, for development and tests: no container runs, and nothing is kept."
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port of the Kubernetes API; 0 takes a free one.")
    var port = 0

    @Option(help: "The port that answers for the stores' hosts; 0 takes a free one.")
    var ingressPort = 0

    @Option(help: "Where the ingress port passes on what nobody in the cluster serves: http://HOST:PORT.")
    var gate: String?

    @Option(help: "Where to write a kubeconfig with the address and a random token (mode 0600).")
    var kubeconfigOut: String?

    @Option(help: "A file that gets a line of JSON for each request that is to change something.")
    var changesOut: String?

    @Option(help: "Divides all delays: 10 makes a store ready in about half a second.")
    var speed = 1.0

    @Flag(help: "Lets volumes of the default storage class grow; those of the class expandable always can.")
    var growVolumes = false

    @Flag(help: "Measures what pods use (metrics.k8s.io), as a cluster with a metrics server does.")
    var metrics = false

    func validate() throws {
        guard speed > 0, speed <= 10_000 else { throw ValidationError("--speed must be above 0 and at most 10000") }
        guard (0...65_535).contains(port), (0...65_535).contains(ingressPort) else { throw ValidationError("ports must be 0…65535") }
        guard gate?.wholeMatch(of: /http:\/\/[^\/:]+:\d{1,5}/) != nil || gate == nil else {
            throw ValidationError("--gate must be http://HOST:PORT, without a path")
        }
    }

    func run() async throws {
        var logger = Logger(label: "cluster-sim") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var settings = SimulatorConfiguration()
        settings.host = host
        settings.port = port
        settings.ingressPort = ingressPort
        settings.gate = gate
        settings.delays = Delays(speed: speed)
        settings.defaultClassGrowsVolumes = growVolumes
        settings.measuresPods = metrics
        if let changesOut {
            let file = try Self.open(changesOut)
            settings.onChange = { line in file.write(Data(line + [UInt8(ascii: "\n")])) }
        }
        let simulator = Simulator(configuration: settings, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [simulator],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await announce(simulator)
            try await tasks.waitForAll()
        }
    }

    private static func open(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw ValidationError("cannot write \(path)")
        }
        return file
    }

    private func announce(_ simulator: Simulator) async throws {
        let address = try await simulator.address()
        if let kubeconfigOut {
            let written = FileManager.default.createFile(
                atPath: kubeconfigOut,
                contents: Data(try await simulator.kubeconfig().utf8),
                attributes: [.posixPermissions: 0o600]
            )
            guard written else { throw ValidationError("cannot write \(kubeconfigOut)") }
        }
        let line = [
            "simulator": "cluster-sim", "server": address.url, "ingress": "http://\(address.host):\(address.ingressPort)",
            "kubeconfig": kubeconfigOut ?? "",
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8))
    }
}
