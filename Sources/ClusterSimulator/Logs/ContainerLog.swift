/// The latest lines that a container has written.
struct ContainerLog {
    struct Line {
        /// Counted from the container's first line, over its restarts.
        let number: Int
        /// How often the container had been restarted.
        let restart: Int
        let at: Duration
        let text: String
    }

    static let kept = 200

    private(set) var lines: [Line] = []
    private(set) var count = 0

    mutating func append(_ text: String, restart: Int, at time: Duration) {
        lines.append(Line(number: count, restart: restart, at: time, text: text))
        count += 1
        if lines.count >= Self.kept * 2 { lines.removeFirst(lines.count - Self.kept) }
    }
}

/// What a container that serves writes without being visited: a line about the kubelet's probe now and then.
///
/// The lines are made when somebody looks, so that a thousand silent stores cost nothing.
struct Chatter {
    /// When the next line is due.
    private(set) var due: Duration
    let interval: Duration

    init(from start: Duration, interval: Duration) {
        due = start + interval
        self.interval = interval
    }

    /// The moments of the lines since the last look; of many, the latest.
    mutating func moments(until now: Duration) -> [Duration] {
        guard due <= now else { return [] }
        let overdue = Int((now - due) / interval) + 1
        let first = due + interval * max(0, overdue - ContainerLog.kept)
        due += interval * overdue
        return (0..<min(overdue, ContainerLog.kept)).map { first + interval * $0 }
    }

    static func line(of container: JSONValue, isReady: Bool) -> String {
        guard let path = container["readinessProbe"]["httpGet"]["path"].string else {
            return "simulated container \(container["name"].string ?? "") is \(isReady ? "ready" : "not ready")"
        }
        return accessLine(method: "GET", path: path, status: isReady ? 200 : 503, agent: "kube-probe/1.34")
    }

    /// A line as web servers write it; what would break the line is left out.
    static func accessLine(method: String, path: String, status: Int, agent: String) -> String {
        func plain(_ text: String) -> String { String(text.filter { $0.isASCII && !$0.isNewline && $0 >= " " && $0 != "\"" }.prefix(200)) }
        return "10.42.0.1 - - \"\(plain(method)) \(plain(path)) HTTP/1.1\" \(status) \"\(plain(agent))\""
    }
}
