import Configuration
import Provisioning
import StoreDomain
import StoreWorker
import Testing

@Suite struct InstallationSettingsTests {
    private func installation(_ variables: [String: String]) throws -> InstallationValues {
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: variables.merging(["HELM_PATH": "/bin/sh"]) { $1 })
        )
        return try WorkerSettings(reader: reader, programFolder: "/bin").provisioning.installation
    }

    @Test("without a setting the charts decide") func nothing() throws { #expect(try installation([:]) == InstallationValues()) }

    @Test("every setting of all stores is read") func everything() throws {
        let read = try installation([
            "IMAGE_REGISTRY": "registry.example.com:5000", "IMAGE_REGISTRY_OFFICIAL": "harbor.example.com/hub/library",
            "IMAGE_PULL_CONFIG": #"{"auths": {"registry.example.com:5000": {"auth": "eDp5"}}}"#,
            "WOOCOMMERCE_IMAGE": "storeplatform/wordpress-woocommerce:11.2.0-acme", "STORAGE_CLASS": "fast.example.com",
            "INGRESS_CLASS": "nginx", "INGRESS_NAMESPACE": "ingress-nginx", "CERTIFICATE_ISSUER": "letsencrypt",
            "INTERNET_PORTS": "443, 80",
            "OWNER_PLUGINS": "true", "SMTP_HOST": "mail.example.com", "SMTP_FROM": "store@example.com", "SMTP_USER": "store",
            "SMTP_PASSWORD": "secret", "SMTP_TLS": "tls",
        ])
        var expected = InstallationValues()
        expected.imageRegistry = "registry.example.com:5000"
        expected.officialImageRegistry = "harbor.example.com/hub/library"
        expected.pullCredentials = PullCredentials(#"{"auths": {"registry.example.com:5000": {"auth": "eDp5"}}}"#)
        expected.images = [.woocommerce: try #require(ImageReference("storeplatform/wordpress-woocommerce:11.2.0-acme"))]
        expected.storageClass = "fast.example.com"
        expected.ingressClass = "nginx"
        expected.ingressNamespace = "ingress-nginx"
        expected.certificateIssuer = "letsencrypt"
        expected.internetPorts = [443, 80]
        expected.ownerPlugins = true
        expected.mail = MailServer(
            host: "mail.example.com",
            port: 465,
            security: .tls,
            from: "store@example.com",
            account: .init(user: "store", password: "secret")
        )
        #expect(read == expected)
        #expect(!"\(read)".contains("eDp5") && !"\(read)".contains("secret"))
    }

    @Test(
        "what cannot be is refused by the setting's name",
        arguments: [
            ("IMAGE_REGISTRY_OFFICIAL", "https://harbor.example.com"), ("IMAGE_PULL_CONFIG", "{}"),
            ("IMAGE_PULL_CONFIG", #"{"auths": {}}"#), ("IMAGE_PULL_CONFIG", #"{"auths": {"a": 1}}"#),
            ("IMAGE_PULL_CONFIG", "registry.example.com"), ("WOOCOMMERCE_IMAGE", "wordpress"),
            ("WOOCOMMERCE_IMAGE", "wordpress:latest"), ("MEDUSA_IMAGE", "Medusa:1"), ("MEDUSA_IMAGE", "medusa@sha256:abc"),
            ("STORAGE_CLASS", "Fast SSD"), ("INGRESS_CLASS", "nginx_1"), ("INGRESS_NAMESPACE", "a/b"), ("CERTIFICATE_ISSUER", "-x"),
            ("INTERNET_PORTS", "443,https"), ("INTERNET_PORTS", "0"), ("INTERNET_PORTS", "65536"), ("OWNER_PLUGINS", "yes"),
            ("SMTP_HOST", "smtp://mail.example.com"), ("SMTP_HOST", "mail.example.com:587"), ("SMTP_TLS", "ssl"), ("SMTP_PORT", "0"),
            ("SMTP_FROM", "store"), ("SMTP_USER", "a\nb"), ("SMTP_PASSWORD", "a\nb"),
        ]
    )
    func wrong(name: String, value: String) {
        #expect { try installation([name: value]) } throws: { "\($0)".hasPrefix("\(name) must be") }
    }

    @Test("a refused secret is not told") func secrecy() {
        #expect { try installation(["SMTP_PASSWORD": "hunter2\n"]) } throws: { !"\($0)".contains("hunter2") }
        #expect { try installation(["IMAGE_PULL_CONFIG": "hunter2"]) } throws: { !"\($0)".contains("hunter2") }
    }

    @Test(
        "half a mail server is refused by the names of both halves",
        arguments: [
            (["SMTP_FROM": "a@b"], "SMTP_FROM", "SMTP_HOST"), (["SMTP_PASSWORD": "x"], "SMTP_PASSWORD", "SMTP_HOST"),
            (["SMTP_TLS": "none"], "SMTP_TLS", "SMTP_HOST"), (["SMTP_HOST": "mail"], "SMTP_FROM", "SMTP_HOST"),
            (["SMTP_HOST": "mail", "SMTP_FROM": "a@b", "SMTP_USER": "x"], "SMTP_USER", "SMTP_PASSWORD"),
        ] as [([String: String], String, String)]
    )
    func half(variables: [String: String], one: String, other: String) {
        #expect { try installation(variables) } throws: { "\($0)".contains(one) && "\($0)".contains(other) }
    }
}
