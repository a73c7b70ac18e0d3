/// Commands as Redis reads them (RESP): an array of bulk strings each.
enum RedisCommand {
    static func encode(_ commands: [[String]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for command in commands {
            bytes.append(UInt8(ascii: "*"))
            bytes.appendLine(command.count)
            for argument in command {
                bytes.append(UInt8(ascii: "$"))
                bytes.appendLine(argument.utf8.count)
                bytes.append(contentsOf: argument.utf8)
                bytes.append(contentsOf: "\r\n".utf8)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func appendLine(_ number: Int) {
        append(contentsOf: String(number).utf8)
        append(contentsOf: "\r\n".utf8)
    }
}
