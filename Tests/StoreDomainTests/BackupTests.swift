import StoreDomain
import Testing

@Suite struct BackupTests {
    @Test("a backup's id is 12 lower-case hex digits and nothing else") func ids() {
        #expect(BackupID("0123456789ab")?.rawValue == "0123456789ab")
        for wrong in ["", "0123456789a", "0123456789abc", "0123456789aB", "0123456789ag", "０123456789a", " 123456789ab"] {
            #expect(BackupID(wrong) == nil, "\(wrong)")
        }
        #expect(Set((0..<100).map { _ in BackupID.random() }).count == 100)
        #expect(BackupID(BackupID.random().rawValue) != nil)
    }
}
