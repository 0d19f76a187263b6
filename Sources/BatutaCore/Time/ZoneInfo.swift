import Glibc

extension TimeZoneRules {
    /// The zone of an IANA name (`America/Sao_Paulo`), from the machine's time zone database; nil when there is none.
    ///
    /// Reads one small file: keep the value where it is asked for often.
    public static func named(_ name: String, in folder: String = "/usr/share/zoneinfo") -> TimeZoneRules? {
        guard isZoneName(name) else { return nil }
        if let bytes = contents(of: "\(folder)/\(name)"), let rules = TimeZoneRules(name: name, tzif: bytes) { return rules }
        return ["UTC", "Etc/UTC", "GMT"].contains(name) ? .utc : nil
    }

    /// Letters, digits, `_`, `+` and `-` between slashes: never a path that leaves the folder.
    static func isZoneName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.allSatisfy { (48...57).contains($0) || (65...90).contains($0 & 0xDF) || [43, 45, 95].contains($0) }
        }
    }

    /// At most 64 KiB, which no zone reaches.
    private static func contents(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8_192)
        while bytes.count < 65_536 {
            let count = read(file, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[0..<count])
        }
        return bytes
    }
}
