/// A fault to play on a namespace.
package struct Fault: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Images cannot be pulled: ErrImagePull, ImagePullBackOff.
        case imagePullFailure
        /// Containers start and exit with an error: CrashLoopBackOff. Running ones crash too.
        case crashLoop
        /// As `crashLoop`, but the kernel kills them: OOMKilled, exit code 137.
        case outOfMemory
        /// Running pods are evicted for want of memory, and so are those that replace them.
        case evicted
        /// Running pods fail their readiness probes.
        case unready
        /// Containers do not start, as if a Secret that they refer to were not there: CreateContainerConfigError.
        case missingSecret
        /// Pods cannot be scheduled.
        case pending
        /// Claims are not bound, as if the storage had no room, and so their pods not scheduled.
        case volumeUnbound
        /// Everything takes `factor` times as long, plus `seconds` at each step.
        case slow
        /// Pods are refused as a quota would.
        case quotaRejection
        /// Pods are refused as Pod Security Admission would.
        case podSecurity
        /// Pods are refused as a LimitRange would.
        case limitRange
        /// Patches by Helm are answered with 409: another manager has the fields.
        case helmConflict
        /// The namespace, once deleted, does not go away.
        case stuckTerminating
        /// Requests about the namespace are answered with `status`.
        case apiErrors
        /// Requests about the namespace wait `seconds`.
        case latency
        /// The pods are well, but whatever the store is asked is answered with `status`.
        case brokenStorefront
        /// The node of running pods fell silent: they count as not ready, though their containers are.
        case nodeLost
        /// Containers do not heed the signal to stop: each end takes the whole grace.
        case ignoresStop
        /// No ingress controller takes Ingresses.
        case noAddress
        /// No certificate is issued.
        case certificateRefused
        /// The pods are well and the catalogue is served, but no order begins: the checkout's draft is answered with `status`.
        case brokenCheckout
        /// Orders begin, but placing one is answered with `status`.
        case brokenOrder
        /// A pod's set-up is cut short and taken for done: its catalogue is empty until it has a successor.
        case interruptedSetup
        /// Dumps fail, and with them backups.
        case dumpFails
        /// Keepers do not reach the vault.
        case vaultAway
        /// Keepers do not end by themselves.
        case keeperHangs
        /// Restores are killed when the database is emptied and not yet loaded.
        case restoreHalf
        /// Keepers that check their repository find it damaged.
        case repositoryDamaged
        /// What is in the namespace is forbidden to all until there is a RoleBinding in it, as to one without rights of its own there.
        case unbound
    }

    package var kind: Kind
    /// How often it strikes before it is used up; `nil` means without end.
    package var count: Int?
    /// How likely it strikes on each occasion, 0…1.
    package var probability: Double
    package var seconds: Double
    package var factor: Double
    /// For `apiErrors` 500, 503 or 429; for `brokenStorefront`, `brokenCheckout` and `brokenOrder` any.
    package var status: Int
    /// For pod faults: only pods whose names begin with this; for `volumeUnbound` claims.
    package var podPrefix: String?
    /// For `crashLoop` what the container logs last; for `brokenStorefront` the answer's body; for the others what the message says.
    package var message: String?
    /// For `brokenStorefront`: how many bytes more the body has.
    package var padding: Int

    package init(
        _ kind: Kind,
        count: Int? = nil,
        probability: Double = 1,
        seconds: Double = 0,
        factor: Double = 1,
        status: Int = 500,
        podPrefix: String? = nil,
        message: String? = nil,
        padding: Int = 0
    ) {
        self.kind = kind
        self.count = count
        self.probability = probability
        self.seconds = seconds
        self.factor = factor
        self.status = status
        self.podPrefix = podPrefix
        self.message = message
        self.padding = padding
    }
}

extension Fault {
    /// From `{"kind": …, "count": …, "probability": …, "seconds": …, "factor": …, "status": …, "podPrefix": …, "message": …, "padding": …}`.
    init(_ json: JSONValue) throws(APIFailure) {
        guard let kind = Kind(rawValue: json["kind"].string ?? "") else {
            throw .badRequest("kind must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let status = json["status"].int ?? 500
        guard (200...599).contains(status) else { throw .badRequest("status must be 200…599") }
        self.init(
            kind,
            count: json["count"].int,
            probability: json["probability"].double ?? 1,
            seconds: json["seconds"].double ?? 0,
            factor: json["factor"].double ?? (kind == .slow && json["seconds"].isNull ? 5 : 1),
            status: status,
            podPrefix: json["podPrefix"].string,
            message: json["message"].string,
            padding: json["padding"].int ?? 0
        )
        guard (0...67_108_864).contains(padding) else { throw .badRequest("padding must be 0…67108864") }
        guard (0...1).contains(probability) else { throw .badRequest("probability must be 0…1") }
        guard seconds >= 0, seconds <= 3600, factor > 0, factor <= 1000 else { throw .badRequest("seconds or factor out of range") }
    }

    /// From one item of the annotation's list: `crashLoop`, `slow=3` (factor), `latency=0.5` (seconds), `apiErrors=0.2` (probability).
    init?(annotation item: String) {
        let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
        guard let first = parts.first, let kind = Kind(rawValue: first) else { return nil }
        self.init(kind, factor: kind == .slow ? 5 : 1)
        guard parts.count == 2, let number = Double(parts[1]) else { return }
        switch kind {
        case .slow: factor = number
        case .latency: seconds = number
        default: probability = number
        }
    }

    var json: JSONValue {
        var json: JSONValue = ["kind": .string(kind.rawValue), "probability": .number(probability)]
        json["count"] = count.map { JSONValue($0) } ?? .null
        if seconds > 0 { json["seconds"] = .number(seconds) }
        if factor != 1 { json["factor"] = .number(factor) }
        if [.apiErrors, .brokenStorefront, .brokenCheckout, .brokenOrder].contains(kind) { json["status"] = JSONValue(status) }
        json["podPrefix"] = JSONValue(podPrefix)
        json["message"] = JSONValue(message)
        if padding > 0 { json["padding"] = JSONValue(padding) }
        return json
    }
}
