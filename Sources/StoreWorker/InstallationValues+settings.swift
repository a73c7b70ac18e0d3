import Configuration
import Foundation
import Program
import Provisioning
import StoreDomain

extension InstallationValues {
    /// Reads, from the environment:
    /// - `IMAGE_REGISTRY`, `IMAGE_REGISTRY_OFFICIAL` (the former): put before the names of all images, and of Docker's official ones.
    /// - `IMAGE_PULL_CONFIG`: a Docker configuration with the registries' credentials, of which each store's namespace gets a copy.
    /// - `WOOCOMMERCE_IMAGE`, `MEDUSA_IMAGE`: of the app, with a tag or a digest; one with the installation's own plugins, say.
    /// - `STORAGE_CLASS`, `INGRESS_CLASS`, `INGRESS_NAMESPACE`, `CERTIFICATE_ISSUER`: names of objects in the cluster.
    /// - `INTERNET_PORTS`: TCP ports, separated by commas, of public addresses that stores may connect to.
    /// - `OWNER_PLUGINS` (false): whether owners of WooCommerce stores may install plugins and themes.
    /// - `SMTP_…`: see `MailServer.init(reader:)`.
    ///
    /// What is absent is as the charts have it. Throws `SettingError`.
    init(reader: ConfigReader) throws(SettingError) {
        self.init()
        imageRegistry = try Self.registry(reader, "image.registry")
        officialImageRegistry = try Self.registry(reader, "image.registry.official")
        for (engine, key) in [(Engine.woocommerce, ConfigKey("woocommerce.image")), (.medusa, "medusa.image")] {
            let form = "an image's name with a tag other than latest, or a digest, e.g. storeplatform/wordpress-woocommerce:11.2.0-acme"
            images[engine] = try reader.value(key, form, ImageReference.init)
        }
        pullCredentials = try reader.secret("image.pull.config", "a Docker configuration in JSON with registries in auths") {
            PullCredentials($0)
        }
        storageClass = try Self.name(reader, "storage.class", of: "a StorageClass")
        ingressClass = try Self.name(reader, "ingress.class", of: "an IngressClass")
        ingressNamespace = try Self.name(reader, "ingress.namespace", of: "the ingress controller's namespace")
        certificateIssuer = try Self.name(reader, "certificate.issuer", of: "a ClusterIssuer")
        internetPorts = try reader.list("internet.ports", "ports from 1 to 65535") { text in
            Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
        }
        ownerPlugins = try reader.flag("owner.plugins")
        mail = try MailServer(reader: reader)
    }

    /// A host, maybe a port, maybe a path.
    private static func registry(_ reader: ConfigReader, _ key: ConfigKey) throws(SettingError) -> String? {
        try reader.value(
            key,
            "a registry's host with or without port and path, e.g. registry.example.com:5000, without a scheme"
        ) { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let host = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard HostName(String(host[0])) != nil, host.count == 1 || Int(host[1]).map({ (1...65_535).contains($0) }) == true,
                parts.dropFirst().allSatisfy({ $0.wholeMatch(of: /[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*/) != nil })
            else { return nil }
            return text
        }
    }

    /// Names of Kubernetes' objects are made as names in the DNS are.
    private static func name(_ reader: ConfigReader, _ key: ConfigKey, of what: String) throws(SettingError) -> String? {
        try reader.value(key, "the name of \(what)") { HostName($0)?.text }
    }
}
