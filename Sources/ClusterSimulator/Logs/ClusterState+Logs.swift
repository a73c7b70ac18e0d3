internal import Foundation

extension ClusterState {
    /// A container's log: what there is of it or, if it is followed, what comes until the container ends.
    func log(_ key: ObjectKey, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        guard let pod = objects[key] else { throw .notFound(key.kind, key.name) }
        let options = try LogOptions(request, pod: key.name)
        let name = try logged(pod, request.query["container"])
        let waiting = "container \"\(name)\" in pod \"\(key.name)\" is waiting to start: "
        catchUp(pod)
        guard let container = pods[pod.uid]?.containers.first(where: { $0.name == name }) else {
            throw .badRequest(waiting + "ContainerCreating")
        }
        if container.log.lines.isEmpty, case .waiting(let reason, _) = container.state { throw .badRequest(waiting + reason) }
        let newest = container.log.lines.last?.restart ?? 0
        let wanted = options.wantsPrevious ? (container.state.isRunning ? container.restarts - 1 : newest) : newest
        guard !options.wantsPrevious || (container.last != nil && wanted >= 0) else {
            throw .badRequest("previous terminated container \"\(name)\" in pod \"\(key.name)\" not found")
        }
        let lines = options.select(container.log.lines.filter { $0.restart == wanted }, in: self)
        let bytes = lines.flatMap { rendered($0, withTime: options.showsTimes) }
        guard options.follows, container.isWriting(run: wanted) else {
            return APIResponse(body: .bytes(options.limit.map { Array(bytes.prefix($0)) } ?? bytes, contentType: "text/plain"))
        }
        let (stream, output) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingOldest(LogFollower.backlog))
        var follower = LogFollower(
            container: name,
            restart: wanted,
            showsTimes: options.showsTimes,
            next: container.log.count,
            room: options.limit,
            output: output
        )
        if follower.send(bytes) { follow(follower, pod) } else { output.finish() }
        return APIResponse(body: .stream(LineStream(lines: stream, output: output, contentType: "text/plain")))
    }

    /// Writes that somebody visited the store behind a Service, in the log of the pod that answered.
    func noteVisit(_ pod: JSONValue, _ request: StorefrontRequest, status: Int) {
        catchUp(pod)
        let agent = request.headers["user-agent"] ?? "-"
        let line = Chatter.accessLine(method: request.method, path: request.path, status: status, agent: agent)
        guard let index = pods[pod.uid]?.initCount else { return }
        pods[pod.uid]?.log(line, index, at: now)
        tellFollowers(of: pod.uid)
    }

    /// Lets the containers write what they had to write since somebody last looked, and followers know.
    func catchUp(_ pod: JSONValue) {
        guard pods[pod.uid]?.chatter != nil else { return }
        let specs = pod.spec["containers"].array
        for moment in pods[pod.uid]?.chatter?.moments(until: now) ?? [] {
            for (offset, spec) in specs.enumerated() {
                guard let runtime = pods[pod.uid] else { return }
                let index = runtime.initCount + offset
                let line = Chatter.line(of: spec, isReady: runtime.containers[index].isReady)
                pods[pod.uid]?.log(line, index, at: moment)
            }
        }
    }

    /// Sends followers what they have not seen, and lets those go whose container has ended.
    func tellFollowers(of uid: String) {
        guard followers.isFollowed(uid) else { return }
        followers.update(uid) { follower in
            guard let container = pods[uid]?.containers.first(where: { $0.name == follower.container }) else { return false }
            let new = container.log.lines.filter { $0.number >= follower.next && $0.restart == follower.restart }
            follower.next = container.log.count
            return follower.send(new.flatMap { rendered($0, withTime: follower.showsTimes) }) && container.isWriting(run: follower.restart)
        }
    }

    private func logged(_ pod: JSONValue, _ stated: String?) throws(APIFailure) -> String {
        let names = (pod.spec["initContainers"].array + pod.spec["containers"].array).compactMap { $0["name"].string }
        let mains = pod.spec["containers"].array.compactMap { $0["name"].string }
        guard let name = stated ?? (mains.count == 1 ? mains[0] : nil) else {
            throw .badRequest("a container name must be specified for pod \(pod.name), choose one of: [\(names.joined(separator: " "))]")
        }
        guard names.contains(name) else { throw .badRequest("container \(name) is not valid for pod \(pod.name)") }
        return name
    }

    private func rendered(_ line: ContainerLog.Line, withTime: Bool) -> [UInt8] {
        guard withTime else { return Array(line.text.utf8) + [0x0A] }
        let date = date(at: line.at).timeIntervalSince1970
        let nanoseconds = String(Int((date - date.rounded(.down)) * 1e9))
        let fraction = String(repeating: "0", count: 9 - nanoseconds.count) + nanoseconds
        return Array("\(timestamp(at: line.at).dropLast()).\(fraction)Z \(line.text)\n".utf8)
    }
}

extension PodRuntime.Container {
    /// Whether more may come of one of its runs.
    func isWriting(run: Int) -> Bool { state.isRunning && restarts == run }
}
