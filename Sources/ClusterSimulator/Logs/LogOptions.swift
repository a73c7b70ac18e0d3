internal import Foundation

/// What of a log is asked for.
struct LogOptions {
    let follows: Bool
    let wantsPrevious: Bool
    let showsTimes: Bool
    let tail: Int?
    let limit: Int?
    private let since: Since?

    private enum Since {
        case seconds(Int)
        case moment(Date)
    }

    /// - Parameter pod: for the words of a refusal.
    init(_ request: APIRequest, pod: String) throws(APIFailure) {
        follows = request.isSet("follow")
        wantsPrevious = request.isSet("previous")
        showsTimes = request.isSet("timestamps")
        tail = try Self.number("tailLines", request, least: 0, pod: pod)
        limit = try Self.number("limitBytes", request, least: 1, pod: pod)
        let seconds = try Self.number("sinceSeconds", request, least: 1, pod: pod)
        let moment = try Self.moment("sinceTime", request)
        guard seconds == nil || moment == nil else {
            throw Self.invalid(pod, "sinceTime: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified")
        }
        since = seconds.map { .seconds($0) } ?? moment.map { .moment($0) }
    }

    /// The lines that are wanted of those of one run.
    func select(_ lines: [ContainerLog.Line], in cluster: ClusterState) -> [ContainerLog.Line] {
        let recent: [ContainerLog.Line]
        switch since {
        case nil: recent = lines
        case .seconds(let seconds): recent = lines.filter { $0.at >= cluster.now - .seconds(seconds) }
        case .moment(let moment): recent = lines.filter { cluster.date(at: $0.at) >= moment }
        }
        return tail.map { Array(recent.suffix($0)) } ?? recent
    }

    private static func number(_ name: String, _ request: APIRequest, least: Int, pod: String) throws(APIFailure) -> Int? {
        guard let text = request.query[name], !text.isEmpty else { return nil }
        guard let number = Int(text) else { throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax") }
        guard number >= least else {
            throw invalid(pod, "\(name): Invalid value: \(number): must be greater than \(least == 0 ? "or equal to " : "")0")
        }
        return number
    }

    private static func moment(_ name: String, _ request: APIRequest) throws(APIFailure) -> Date? {
        guard let text = request.query[name], !text.isEmpty else { return nil }
        for hasFraction in [false, true] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
            if let date = try? style.parse(text) { return date }
        }
        throw .badRequest("parsing time \"\(text)\": it is no RFC 3339 time")
    }

    private static func invalid(_ pod: String, _ why: String) -> APIFailure {
        APIFailure(code: 422, reason: "Invalid", message: "PodLogOptions \"\(pod)\" is invalid: \(why)")
    }
}
