import Foundation
package import StoreDomain

/// How a store that was ready fares, as far as its objects and its last answers tell.
package enum Health {
    package struct Verdict: Sendable, Equatable {
        package var cause: String?
        package var drift: StoreHealth.Drift?
        package var isWell: Bool { cause == nil }
    }

    /// `view` nil: there is no such namespace. `problem`: what was wrong when the store was last asked.
    /// Not for a store that is to be asleep.
    package static func verdict(
        of view: NamespaceView?,
        namespace: StoreNamespace,
        problem: String?,
        grace: GracePeriods = GracePeriods()
    ) -> Verdict {
        guard let view, view.namespace != nil else { return existence(of: view, namespace: namespace) }
        let missing = view.missingParts
        if view.namespace?.metadata.isTerminating == false, !missing.isEmpty {
            let list = missing.formatted(.list(type: .and).locale(Locale(identifier: "en")))
            return Verdict(
                cause: "Of the store's release in namespace \(namespace) is gone: \(list). Retrying the store installs it again.",
                drift: .release
            )
        }
        // One crash is news of a store that ran well.
        var strict = grace
        strict.crashes = 1
        if view.isAsleep {
            return Verdict(cause: "All workloads of the store are scaled to zero, so nothing of it runs. Retrying the store starts it.")
        }
        if !view.allReady {
            return Verdict(cause: Diagnosis.first(in: view, grace: strict)?.text ?? "Not all of the store's pods are ready.")
        }
        if view.namespace?.metadata.isTerminating == true { return Verdict(cause: Diagnosis.first(in: view, grace: strict)?.text) }
        if let problem = Diagnosis.ofIngress(in: view, grace: strict) { return Verdict(cause: problem.text) }
        return Verdict(cause: problem.map { "The store's pods are ready, but \($0)." })
    }

    /// Of a store that need not serve: whether it is there at all.
    package static func existence(of view: NamespaceView?, namespace: StoreNamespace) -> Verdict {
        if view?.namespace != nil { return Verdict() }
        return Verdict(
            cause:
                "The namespace \(namespace) is gone: somebody deleted it, and all that was in it. Restore the store from a backup, or recreate it, empty.",
            drift: .namespace
        )
    }
}
