import Foundation
package import StoreDomain

/// How a shop that was ready fares, as far as its objects and its last answers tell.
package enum Health {
    package struct Verdict: Sendable, Equatable {
        package var cause: String?
        package var drift: StoreHealth.Drift?
        package var isWell: Bool { cause == nil }
    }

    /// `view` nil: there is no such namespace. `complaint`: what was wrong when the shop was last asked.
    package static func verdict(of view: NamespaceView?, namespace: StoreNamespace, complaint: String?, patience: Patience = Patience())
        -> Verdict
    {
        guard let view, view.namespace != nil else {
            return Verdict(
                cause:
                    "The namespace \(namespace) is gone: somebody deleted it, and all that was in it. Retrying the store makes it anew, with an empty shop.",
                drift: .namespace
            )
        }
        let missing = view.missingParts
        if view.namespace?.metadata.isTerminating == false, !missing.isEmpty {
            let list = missing.formatted(.list(type: .and).locale(Locale(identifier: "en")))
            return Verdict(
                cause: "Of the store's release in namespace \(namespace) is gone: \(list). Retrying the store installs it again.",
                drift: .release
            )
        }
        // One crash is news of a shop that ran well.
        var strict = patience
        strict.crashes = 1
        if !view.isWhole {
            return Verdict(cause: Diagnosis.first(in: view, patience: strict)?.text ?? "Not all of the store's pods are ready.")
        }
        if view.namespace?.metadata.isTerminating == true { return Verdict(cause: Diagnosis.first(in: view, patience: strict)?.text) }
        if let trouble = Diagnosis.ofIngress(in: view, patience: strict) { return Verdict(cause: trouble.text) }
        return Verdict(cause: complaint.map { "The shop's pods are well, but \($0)." })
    }
}
