/// FNV-1a over the canonical text, in Kubernetes' safe alphabet.
enum TemplateHash {
    static func of(_ template: JSONValue) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in template.serialized() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        var text = ""
        for _ in 0..<10 {
            text.append(alphabet[Int(hash % 27)])
            hash /= 27
        }
        return text
    }
}
