import StoreDomain

/// Own domains, as clients know them.
extension JSONWriter {
    /// `store`: whose it is.
    mutating func fields(of domain: OwnDomain, of store: Store) {
        field("host", domain.host.rawValue)
        field("displayName", domain.host.displayed)
        field("state", domain.state.rawValue)
        field("primary", domain.isPrimary)
        field("served", store.serves(domain))
        array("records", domain.records(of: store)) { json, record in
            json.object {
                $0.field("type", record.type)
                $0.field("name", record.name)
                $0.field("value", record.value)
            }
        }
        field("error", domain.error)
        field("createdAt", domain.createdAt)
        field("checkedAt", domain.checkedAt)
        field("nextCheckAt", domain.checkAt)
        field("takesOverAt", domain.takesOverAt)
        field("failingSince", domain.failingSince)
        field("certificateUntil", domain.certificateUntil)
    }
}

extension OwnDomain {
    /// What its owner has to set in the DNS: the proof, and the way to the store's host of ours.
    fileprivate func records(of store: Store) -> [(type: String, name: String, value: String)] {
        [("TXT", recordName, token.proof)] + (store.spec.host.map { [("CNAME", host.rawValue, $0)] } ?? [])
    }
}

extension Store {
    /// Whether visitors get the store there by what was applied last.
    fileprivate func serves(_ domain: OwnDomain) -> Bool {
        domain.state == .active && status == .ready && spec.ownHosts.hosts.contains(domain.host) && appliedGeneration == generation
    }
}
