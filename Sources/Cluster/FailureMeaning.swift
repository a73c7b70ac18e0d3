import Foundation

/// What the API server's texts mean, and Helm's, which has one exit status for everything and passes on what the API server says. The only place that
/// knows their words: those of Kubernetes 1.30 to 1.36 and of Helm 3.14 to 4.3.
package enum FailureMeaning: Sendable, Equatable, CaseIterable {
    /// The namespace is being deleted: nothing can be made in it.
    case terminating
    /// Another hand set a field that Helm is to set.
    case fieldConflict
    /// An object of that name is not the release's.
    case foreignObject
    /// Another Helm works on the release, or was killed while it did.
    case operationInProgress
    case volumeNotResizable
    /// A field that the API server lets nobody change.
    case immutable
    case quota
    case podSecurity
    case limitRange
    /// An admission webhook or policy of the cluster says no.
    case admission
    /// The account lacks a right, or is not known.
    case forbidden
    case rateLimited
    /// The chart does not fit the cluster or its values.
    case chart
    /// Away, busy, starting or stopping.
    case unavailable

    /// The first whose words are in the text: a text may have those of several, and the more special stand first.
    package init?(_ text: String) {
        let text = text.lowercased()
        guard let row = Self.table.first(where: { $0.words.contains { text.contains($0) } }) else { return nil }
        self = row.meaning
    }

    /// The same again may well succeed, without anybody's doing.
    package var passes: Bool { [.terminating, .operationInProgress, .rateLimited, .unavailable].contains(self) }

    private static let table: [(meaning: FailureMeaning, words: [String])] = [
        (.terminating, ["because it is being terminated", "unable to create new content"]),
        (.fieldConflict, ["conflict with \"", "conflicts with \""]),
        (
            .foreignObject,
            [
                "invalid ownership metadata", "cannot be imported into the current release", "exists and cannot be imported",
                "annotation validation error",
            ]
        ),
        (.operationInProgress, ["another operation (install/upgrade/rollback) is in progress"]),
        (
            .volumeNotResizable,
            [
                "only dynamically provisioned pvc can be resized", "field can not be less than previous value",
                "field can not be less than status.capacity",
            ]
        ),
        (.immutable, ["field is immutable", "updates to statefulset spec", "spec is immutable after creation"]),
        (.quota, ["exceeded quota", "failed quota"]),
        (.podSecurity, ["violates podsecurity"]),
        (.limitRange, ["usage per container", "usage per pod", "limit to request ratio"]),
        // One that did not answer is away, not against it.
        (.unavailable, ["failed calling webhook"]),
        (.admission, ["admission webhook", "denied request", "denied the request", "validatingadmissionpolicy"]),
        (
            .rateLimited,
            ["too many requests", "toomanyrequests", "client rate limiter", "pull rate limit", "the server has asked us to try again"]
        ),
        (.forbidden, ["is forbidden", "unauthorized", "forbidden: user", "must be logged in", "to provide credentials"]),
        // The chart could not be held against what the cluster knows, since nobody said what that is.
        (.unavailable, ["failed to download openapi"]),
        (
            .chart,
            [
                "don't meet the specifications of the schema", "parse error", "execution error at", "chart.yaml", "no matches for kind",
                "is invalid:", "unable to build kubernetes objects",
            ]
        ),
        (
            .unavailable,
            [
                "connection refused", "connection reset", "i/o timeout", "tls handshake timeout", "etcdserver",
                "the server is currently unable",
                "internal error occurred", "internalerror", "an error on the server", "service unavailable", "bad gateway",
                "context deadline exceeded",
                "object has been modified", "cluster unreachable", "has been cancelled", "context canceled", "signal", ": eof",
                "unexpected eof", "transport connection broken", "malformed http", "broken pipe", "use of closed network connection",
                "http2: client connection lost", "no route to host", "the object provided is unrecognized", "no such host",
            ]
        ),
    ]
}

/// Fields of one object that another manager set, as server-side apply tells it.
package struct FieldConflict: Sendable, Equatable {
    package let manager: String
    /// E.g. `.spec.replicas`.
    package let fields: [String]

    package init(manager: String, fields: [String]) {
        self.manager = manager
        self.fields = fields
    }

    /// All that a text tells of, e.g. `conflicts with "kubectl-set" using apps/v1: - .spec.replicas - .spec.paused`.
    package static func all(in text: String) -> [FieldConflict] {
        text.components(separatedBy: "conflict").compactMap { part in
            let part = part.drop { $0 == "s" }
            guard part.hasPrefix(" with \""), let end = part.dropFirst(7).firstIndex(of: "\"") else { return nil }
            let fields = part[end...].split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix(".") }
            return FieldConflict(
                manager: String(part.dropFirst(7)[..<end]),
                fields: fields.map { String($0.hasSuffix(",") ? $0.dropLast() : $0) }
            )
        }
    }
}
