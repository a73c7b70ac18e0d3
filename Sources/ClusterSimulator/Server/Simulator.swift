internal import Hummingbird
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// How a simulator is started.
package struct SimulatorConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// The API's port; 0 takes a free one.
    package var port = 0
    /// The port that answers for the stores' hosts; 0 takes a free one.
    package var ingressPort = 0
    /// Where the ingress port passes on what nobody in the cluster serves, e.g. `http://127.0.0.1:18090`.
    package var gate: String?
    package var delays = Delays()
    /// What clients of the API present: as bearer token, or as the first segment of the path. The second is how Helm and
    /// kubectl do, which send no token over plain HTTP.
    package var token = String(format128: SystemRandomNumberGenerator())
    package var seed: UInt64 = 1
    /// Whether volumes of the default class, `local-path`, can grow. Those of the class `expandable` always can.
    package var defaultClassGrowsVolumes = false
    /// Whether it measures what pods use (metrics.k8s.io), as clusters with a metrics server do.
    package var measuresPods = false
    /// Called with a line of JSON for every request that is to change something, whatever was answered, in their order: what
    /// `/simulator/requests` tells of it. It must not wait.
    package var onChange: (@Sendable ([UInt8]) -> Void)?

    package init() {}
}

/// Where a simulator listens.
package struct SimulatorAddress: Sendable {
    package let host: String
    package let port: Int
    package let ingressPort: Int

    package var url: String { "http://\(host):\(port)" }
}

/// An in-memory Kubernetes API with an ingress port: a development and test double, good enough for Helm 3, Helm 4 and
/// kubectl. No container ever runs, and nothing survives its end.
package final class Simulator: Service {
    private let configuration: SimulatorConfiguration
    private let logger: Logger
    private let cluster: SimulatedCluster
    private let ports = ListeningPorts()

    package init(configuration: SimulatorConfiguration = SimulatorConfiguration(), logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        cluster = SimulatedCluster(configuration)
    }

    /// Where it listens, once it does; throws when it could not start.
    package func address() async throws -> SimulatorAddress {
        let (api, ingress) = try await ports.both()
        return SimulatorAddress(host: configuration.host, port: api, ingressPort: ingress)
    }

    /// A kubeconfig with the address and the token; the address carries the token too.
    package func kubeconfig() async throws -> String {
        let url = try await address().url
        return """
            # Written by cluster-sim: this is Store Weaver's simulated cluster, not a real one.
            apiVersion: v1
            kind: Config
            current-context: cluster-sim
            clusters:
              - name: cluster-sim
                cluster:
                  server: \(url)/\(configuration.token)
            contexts:
              - name: cluster-sim
                context:
                  cluster: cluster-sim
                  user: cluster-sim
            users:
              - name: cluster-sim
                user:
                  token: "\(configuration.token)"

            """
    }

    /// Replaces the faults of a namespace, which need not exist yet; `*` means all.
    package func setFaults(_ faults: [Fault], on namespace: String) async { await cluster.setFaults(faults, on: namespace) }

    package func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { [self] in
                    try await application(APIResponder(cluster: cluster, token: configuration.token), configuration.port, .api).run()
                    return true
                }
                group.addTask { [self] in
                    try await application(
                        IngressResponder(cluster: cluster, gate: configuration.gate.map(IngressGate.init)),
                        configuration.ingressPort,
                        .ingress
                    ).run()
                    return true
                }
                group.addTask { [cluster] in
                    await cluster.run()
                    return false
                }
                group.addTask { [cluster] in
                    try? await gracefulShutdown()
                    await cluster.endWatches()
                    return false
                }
                var servers = 2
                while servers > 0, let wasServer = try await group.next() { servers -= wasServer ? 1 : 0 }
                group.cancelAll()
            }
        } catch {
            await ports.fail(error)
            throw error
        }
        await ports.fail(CancellationError())
    }

    private func application<Responder: HTTPResponder<BasicRequestContext>>(
        _ responder: Responder,
        _ port: Int,
        _ server: ListeningPorts.Server
    ) -> Application<Responder> {
        Application(
            responder: responder,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: port),
                serverName: "store-weaver-simulator"
            ),
            onServerRunning: { [ports] channel in await ports.set(server, to: channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}

/// Runs a simulator as long as the body runs.
package func withSimulator<Value: Sendable>(
    _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
    logger: Logger = Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() },
    _ body: @Sendable @escaping (Simulator) async throws -> Value
) async throws -> Value {
    let simulator = Simulator(configuration: configuration, logger: logger)
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [simulator], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        _ = try await simulator.address()
        let result: Result<Value, any Error>
        do { result = .success(try await body(simulator)) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}

extension String {
    /// 128 random bits in hexadecimal.
    package init(format128 generator: SystemRandomNumberGenerator) {
        var generator = generator
        self = hexadecimal(generator.next()) + hexadecimal(generator.next())
    }
}
