package import Configuration
import Foundation
package import StoreDomain

extension DomainRules {
    /// Reads `RESERVED_DOMAINS` (none): domains of the installation beside that of its stores, as the dashboard's host, with all below them; and
    /// `PUBLIC_SUFFIX_LIST` (none): a file with Mozilla's list, as Debian's package publicsuffix has it. `addressing`: of the stores.
    ///
    /// Throws `SettingError`.
    package init(reader: ConfigReader, addressing: StoreAddressing?) throws(SettingError) {
        let told = try reader.list("reserved.domains", "domains such as example.com, in lower case and without a port") {
            HostName($0)?.text
        }
        let list = try reader.value("public.suffix.list", "the path of a file with the Public Suffix List") { path in
            (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { PublicSuffixes(list: $0) }
        }
        self.init(reserved: told + (addressing.map { [String($0.suffix.dropFirst())] } ?? []), suffixes: list ?? .builtIn)
    }
}
