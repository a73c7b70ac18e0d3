extension NetworkAddress {
    /// Whether it is one of the internet at large: none of a machine, a private network, a cluster, or of what is reserved (RFC 6890 and its
    /// registries), and none that holds such a one, as 6to4 does.
    package var isPublic: Bool {
        let address = unmapped.bytes
        if address.count == 4 {
            switch (address[0], address[1], address[2]) {
            case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): return false
            case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): return false
            case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): return false
            default: return true
            }
        }
        guard address[0] & 0xe0 == 0x20 else { return false }
        switch (address[0], address[1], address[2], address[3]) {
        case (0x20, 0x01, 0x00...0x01, _), (0x20, 0x01, 0x0d, 0xb8), (0x20, 0x02, _, _), (0x3f, 0xff, 0x00...0x0f, _): return false
        default: return true
        }
    }
}
