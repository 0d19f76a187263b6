import Glibc

/// A server of the Model Context Protocol (2026-07-28) over its pipes that costs as little as one can: it looks for two words in each line.
enum EchoPart {
    static let name = "tool-server"

    static func run() {
        while let line = readLine(strippingNewline: true) {
            guard let id = value(after: #""id":"#, in: line) else { continue }
            let answer = Array(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result(of: line))}"#.utf8) + [0x0A]
            _ = write(1, answer, answer.count)
        }
    }

    private static func result(of line: String) -> String {
        if line.contains(#""tools/call""#) {
            return #"{"resultType":"complete","content":[],"structuredContent":{"said":"How is it going?"}}"#
        }
        if line.contains(#""tools/list""#) {
            let schema = #"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#
            return #"{"resultType":"complete","tools":[{"name":"echo","description":"Echoes.","inputSchema":\#(schema)}]}"#
        }
        return #"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}"#
    }

    private static func value(after key: String, in line: String) -> Substring? {
        guard let place = line.firstRange(of: key) else { return nil }
        return line[place.upperBound...].prefix { $0.isNumber }
    }
}
