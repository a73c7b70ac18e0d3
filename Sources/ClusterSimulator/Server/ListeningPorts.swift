/// The ports that the two servers took, and those who wait to learn them.
actor ListeningPorts {
    enum Server { case api, ingress }

    private var ports: [Server: Int] = [:]
    private var failure: (any Error)?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func set(_ server: Server, to port: Int) {
        ports[server] = port
        if ports.count == 2 { wake() }
    }

    func fail(_ error: any Error) {
        failure = error
        wake()
    }

    func both() async throws -> (api: Int, ingress: Int) {
        while true {
            if let failure { throw failure }
            if let api = ports[.api], let ingress = ports[.ingress] { return (api, ingress) }
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func wake() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
