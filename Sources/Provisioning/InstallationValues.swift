import Cluster
import Foundation
package import StoreDomain

/// What all stores of an installation have in common and the charts' values leave open. `nil`: as the charts have it.
package struct InstallationValues: Sendable, Equatable {
    /// Put before the images' names, e.g. `registry.example.com:5000`.
    package var imageRegistry: String?
    /// The same for Docker's official images (postgres, redis), where they lie elsewhere.
    package var officialImageRegistry: String?
    /// Of the app, in place of the chart's.
    package var images: [Engine: ImageReference] = [:]
    package var pullCredentials: PullCredentials?
    package var storageClass: String?
    package var ingressClass: String?
    /// The namespace of the ingress controller.
    package var ingressNamespace: String?
    /// cert-manager's ClusterIssuer.
    package var certificateIssuer: String?
    /// TCP ports of public addresses that stores may connect to.
    package var internetPorts: [Int] = []
    package var mail: MailServer?
    /// Whether owners may install plugins and themes.
    package var ownerPlugins: Bool?

    package init() {}

    /// As members of a chart's values. Nothing secret.
    func values(for engine: Engine) -> JSON {
        var values = JSON.object([:])
        func set(_ path: String..., to value: JSON?) {
            if let value { values = values.setting(path, to: value) }
        }
        set("imageRegistry", to: imageRegistry.map(JSON.string))
        set("officialImageRegistry", to: officialImageRegistry.map(JSON.string))
        if let image = images[engine] {
            set("image", "repository", to: .string(image.repository))
            set("image", "tag", to: image.tag.map(JSON.string))
            set("image", "digest", to: image.digest.map(JSON.string))
        }
        set("imagePullSecrets", to: pullCredentials.map { _ in .array([.string(SharedSecret.pullName)]) })
        set("persistence", "storageClass", to: storageClass.map(JSON.string))
        set("ingress", "className", to: ingressClass.map(JSON.string))
        set("ingress", "tls", "clusterIssuer", to: certificateIssuer.map(JSON.string))
        set("networkPolicy", "ingressNamespace", to: ingressNamespace.map(JSON.string))
        var ports = Set(internetPorts)
        if let mail {
            ports.insert(mail.port)
            set("mail", "existingSecret", to: .string(SharedSecret.mailName))
        }
        if engine == .woocommerce { set("wordpress", "ownerPlugins", to: ownerPlugins.map(JSON.bool)) }
        if !ports.isEmpty { set("networkPolicy", "internetPorts", to: .array(ports.sorted().map { .integer(Int64($0)) })) }
        return values
    }

    /// The Secrets that each store's namespace gets beside those that are generated for it.
    var secrets: [SharedSecret] {
        var secrets: [SharedSecret] = []
        if let pullCredentials {
            secrets.append(
                SharedSecret(
                    name: SharedSecret.pullName,
                    type: "kubernetes.io/dockerconfigjson",
                    data: [".dockerconfigjson": pullCredentials.configuration]
                )
            )
        }
        if let mail { secrets.append(SharedSecret(name: SharedSecret.mailName, type: "Opaque", data: mail.data)) }
        return secrets
    }
}

/// An image's name as container engines read it, in parts.
package struct ImageReference: Sendable, Equatable {
    package let repository: String
    package let tag: String?
    package let digest: String?

    /// `repository[:tag][@sha256:…]` with a tag or a digest, the registry's host before it or not; `nil` for anything else.
    package init?(_ text: String) {
        let form =
            /((?:[a-z0-9.-]+(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._\/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?/
        guard text.utf8.count <= 512, let match = text.wholeMatch(of: form), match.2 != nil || match.3 != nil, match.2 != "latest" else {
            return nil
        }
        repository = String(match.1)
        tag = match.2.map(String.init)
        digest = match.3.map(String.init)
    }

    /// As it was read.
    package var text: String { repository + (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0 } ?? "") }
}

/// Who may fetch the images from their registries, as `docker login` writes it. Prints as `<redacted>`.
package struct PullCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    let configuration: String

    /// A Docker configuration with at least one registry in `auths`, of a mebibyte at most; `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 1 << 20, let json = try? JSON(data: Data(text.utf8)), case .object(let registries) = json["auths"],
            !registries.isEmpty,
            registries.values.allSatisfy({ if case .object = $0 { true } else { false } })
        else { return nil }
        configuration = text
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
}
