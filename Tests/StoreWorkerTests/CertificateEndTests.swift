import Foundation
import Testing

@testable import StoreWorker

@Suite struct CertificateEndTests {
    /// Signed by itself, and its key was thrown away.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBiTCCAS+gAwIBAgIUMd0+UhIy2IfbUTNOSgra3ze2P/8wCgYIKoZIzj0EAwIw
        GjEYMBYGA1UEAwwPd3d3LmV4YW1wbGUuY29tMB4XDTI2MTEyNzA3MDQ0M1oXDTI3
        MDIyNTA3MDQ0M1owGjEYMBYGA1UEAwwPd3d3LmV4YW1wbGUuY29tMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEW8TMEOun5aTb90Kz0+9Ty3DuIOXfUsFz8b0e+Yxl
        JDqPo947j5T4FQPn7guzLUfkSoD7tJlVStHbKRgi8L0FBqNTMFEwHQYDVR0OBBYE
        FBOJcGjV6EF5OOBK9DvoW/krK/5RMB8GA1UdIwQYMBaAFBOJcGjV6EF5OOBK9Dvo
        W/krK/5RMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANrQ7EgI
        Hy46lZWn/Fk5w6O60TEAFXXZXv09tMZZfI0cAiAiq3y/sprCiJ74+0ajWGRhNMVP
        dooHbV2RwfcrnuaoXw==
        -----END CERTIFICATE-----
        """

    @Test("the end of a certificate is that of the first in its chain") func end() {
        let expected = Date(timeIntervalSince1970: 1803539083)
        #expect(DomainChecker.end(ofChain: Self.certificate) == expected)
        #expect(DomainChecker.end(ofChain: Self.certificate + "\n" + Self.certificate) == expected)
    }

    @Test(
        "what is no certificate has no end",
        arguments: ["", "simulated", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    func none(text: String) { #expect(DomainChecker.end(ofChain: text) == nil) }
}
