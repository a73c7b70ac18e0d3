import Cluster
import Configuration
import Foundation
import Program
import Provisioning
import StoreDomain
import StoreWorker

/// What a worker works with: settings, cluster, rights, Helm, guard, charts.
struct ClusterExamination {
    let settings: ConfigReader

    func findings() async -> [Finding] {
        let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path ?? "."
        let worker: WorkerSettings
        do {
            worker = try WorkerSettings(reader: settings, programFolder: folder)
        } catch {
            let wrong = Finding.error("settings", "\(error)", remedy: "docs/settings.md has every setting with its range.")
            return [wrong] + ["cluster", "cluster-rights", "helm", "helm-guard", "charts"].map { .skipped($0, because: "settings") }
        }
        return [.fine("settings", "valid")] + (await cluster(worker)) + [
            await helm(worker), helmGuard(worker), charts(worker),
        ]
    }

    private func cluster(_ worker: WorkerSettings) async -> [Finding] {
        do {
            return try await ClusterAccess.run(settings) { kubernetes in
                let version = try await kubernetes.get("/version")?["gitVersion"].string ?? "of no version"
                return [.fine("cluster", version), try await rights(kubernetes, worker)]
            }
        } catch {
            return [
                .error(
                    "cluster",
                    "\(error)",
                    remedy: "Does kubectl get namespaces work with this KUBECONFIG, for this user and from here?"
                ), .skipped("cluster-rights", because: "no cluster"),
            ]
        }
    }

    private func rights(_ kubernetes: KubernetesClient, _ worker: WorkerSettings) async throws -> Finding {
        var missing: [String] = []
        let provisioning = worker.provisioning
        for right in Right.needed(bindsItself: provisioning.access != nil, findsNodes: provisioning.nodeNetworks == nil) {
            if try await !kubernetes.mayI(right.verb, right.resource, group: right.group) {
                missing.append("\(right.verb) \(right.resource)")
            }
        }
        if missing.isEmpty { return .fine("cluster-rights", "all that workers need") }
        return .error(
            "cluster-rights",
            "not allowed: \(missing.joined(separator: ", "))",
            remedy: "docs/charts.md has the roles; helm/platform makes them. kubectl auth can-i tells the same."
        )
    }

    private func helm(_ worker: WorkerSettings) async -> Finding {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("storectl-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        let helm = HelmClient(
            configuration: .init(
                helm: worker.helm,
                guardProgram: worker.helmGuard,
                kubeconfig: worker.kubeconfig,
                times: worker.times,
                home: home
            )
        )
        do {
            return .fine("helm", try await helm.version())
        } catch {
            return .error("helm", "\(error)", remedy: "Put Helm 3.14 or later, or 4, on PATH or name it by HELM_PATH.")
        }
    }

    private func helmGuard(_ worker: WorkerSettings) -> Finding {
        !worker.missingParts.contains { $0.setting == "HELM_GUARD_PATH" }
            ? .fine("helm-guard", worker.helmGuard)
            : .error(
                "helm-guard",
                "there is no program \(worker.helmGuard)",
                remedy: "It is built with the worker and stands beside it, or is named by HELM_GUARD_PATH."
            )
    }

    private func charts(_ worker: WorkerSettings) -> Finding {
        let missing = worker.missingParts.filter { $0.setting.hasPrefix("HELM_CHART_PATH") }.map(\.path)
        if missing.isEmpty { return .fine("charts", "both engines have theirs") }
        return .error(
            "charts",
            "missing: \(missing.joined(separator: ", "))",
            remedy: "HELM_CHART_PATH and HELM_CHART_PATH_MEDUSA name the charts' folders, helm/store and helm/medusa-store."
        )
    }
}

/// A right in the cluster, over all namespaces.
private struct Right {
    let verb: String
    let resource: String
    var group = ""

    /// `bindsItself`: whether the worker gives itself the rest in each namespace, as helm/platform lets it. `findsNodes`: whether it was
    /// not told whom stores admit.
    static func needed(bindsItself: Bool, findsNodes: Bool) -> [Right] {
        let everywhere =
            (findsNodes ? [Right(verb: "list", resource: "nodes")] : []) + [
                Right(verb: "create", resource: "namespaces"), Right(verb: "get", resource: "namespaces"),
                Right(verb: "list", resource: "namespaces"), Right(verb: "delete", resource: "namespaces"),
                Right(verb: "watch", resource: "pods"), Right(verb: "watch", resource: "events"),
                Right(verb: "watch", resource: "deployments", group: "apps"), Right(verb: "watch", resource: "statefulsets", group: "apps"),
                Right(verb: "watch", resource: "ingresses", group: "networking.k8s.io"),
                Right(verb: "watch", resource: "jobs", group: "batch"),
            ]
        let rbac = "rbac.authorization.k8s.io"
        if bindsItself { return everywhere + [Right(verb: "create", resource: "rolebindings", group: rbac)] }
        return everywhere + [
            Right(verb: "create", resource: "secrets"), Right(verb: "list", resource: "secrets"), Right(verb: "get", resource: "pods/log"),
            Right(verb: "get", resource: "services/proxy"), Right(verb: "create", resource: "services/proxy"),
            Right(verb: "delete", resource: "persistentvolumeclaims"),
            Right(verb: "create", resource: "deployments", group: "apps"),
            Right(verb: "create", resource: "ingresses", group: "networking.k8s.io"),
            Right(verb: "create", resource: "networkpolicies", group: "networking.k8s.io"),
        ]
    }
}
