/// Which addresses a request may reach.
///
/// The rule is applied to the address that is really connected to, after name resolution, for each attempt and each redirection, and again
/// before a request leaves on a kept connection. So neither a name that resolves to something private, nor one that changes its
/// answer between check and use, gets through.
public enum EgressRule: Sendable, Equatable {
    /// For addresses that the project's files or the operator wrote.
    case trusted
    /// For addresses that a model or a document chose: public ones, plus the entries of the allow list.
    ///
    /// An entry is `ADDRESS:PORT`, `CIDR:PORT` or `HOST:PORT`, IPv6 in brackets. An entry that cannot be read allows nothing.
    case publicOnly(allow: [String] = [])
}

/// Where a connection is about to go.
struct EgressTarget: Sendable, Equatable {
    /// As written in the URL.
    var host: String
    /// Nil for whatever is no IP socket.
    var address: IPAddress?
    var port: UInt16
}

extension EgressRule {
    func allows(_ target: EgressTarget) -> Bool {
        guard case .publicOnly(let entries) = self else { return true }
        guard let address = target.address else { return false }
        if address.isPublic { return true }
        return entries.contains { entry in AllowEntry(entry)?.matches(target, address) ?? false }
    }

    /// Whether every entry of the allow list can be read; the ones that cannot.
    public var unreadableEntries: [String] {
        guard case .publicOnly(let entries) = self else { return [] }
        return entries.filter { AllowEntry($0) == nil }
    }
}

/// One line of an allow list.
private struct AllowEntry {
    private enum Place {
        case network(IPAddress, prefix: Int)
        case host(String)
    }

    private let place: Place
    private let port: UInt16

    init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        var left = text[..<colon]
        let bracketed = left.hasPrefix("[") && left.hasSuffix("]")
        if bracketed { left = left.dropFirst().dropLast() }
        guard let place = AllowEntry.place(String(left), bracketed: bracketed) else { return nil }
        self.place = place
        self.port = port
    }

    private static func place(_ text: String, bracketed: Bool) -> Place? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, parts.count <= 2 else { return nil }
        guard let address = IPAddress(first) else {
            guard parts.count == 1, !bracketed, isHostName(first) else { return nil }
            return .host(first)
        }
        guard bracketed == (address.family == .v6) else { return nil }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else { return .network(address, prefix: bits) }
        guard let prefix = Int(parts[1]), (0...bits).contains(prefix) else { return nil }
        return .network(address, prefix: prefix)
    }

    /// Letters, digits, hyphens and dots, and something else than digits and dots, which would be a mistyped address.
    private static func isHostName(_ text: String) -> Bool {
        text.utf8.contains(where: isLetter) && text.utf8.allSatisfy { isLetter($0) || 0x30...0x39 ~= $0 || $0 == 0x2D || $0 == 0x2E }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }

    func matches(_ target: EgressTarget, _ address: IPAddress) -> Bool {
        guard target.port == port else { return false }
        switch place {
        case .host(let name): return HTTPHeaders.same(target.host, name)
        case .network(let network, let prefix):
            let real = address.unmapped
            // A metadata service hands out credentials: a whole network never includes it, only its own address does.
            if real.isMetadataService, prefix < network.bytes.count * 8 { return false }
            return real.isInside(network.unmapped, prefix: prefix)
        }
    }
}

extension IPAddress {
    /// Whether the address is one of the public Internet, by the special-purpose registries of IANA (RFC 6890 and its updates).
    ///
    /// IPv6 is public only inside 2000::/3, so everything embedded elsewhere (mapped IPv4, NAT64, IPv4-compatible) is not.
    var isPublic: Bool {
        if isMetadataService { return false }
        switch family {
        case .v4: return !IPAddress.notPublicV4.contains { isInside($0.0, prefix: $0.1) }
        case .v6:
            return isInside(IPAddress(v6: [0x20] + zeros(15)), prefix: 3)
                && !IPAddress.notPublicV6.contains { isInside($0.0, prefix: $0.1) }
        }
    }

    /// Addresses where clouds hand out credentials; the link-local ones are not public anyway.
    var isMetadataService: Bool { IPAddress.metadata.contains(self) }

    private static let metadata: Set<IPAddress> = [
        IPAddress(v4: [169, 254, 169, 254]),
        // Azure's wire server: a public address by its number.
        IPAddress(v4: [168, 63, 129, 16]),
        IPAddress(v4: [100, 100, 100, 200]),
        IPAddress(v4: [192, 0, 0, 192]),
        IPAddress(v6: [0xFD, 0x00, 0x0E, 0xC2] + zeros(10) + [0x02, 0x54]),
    ]

    private static let notPublicV4: [(IPAddress, Int)] = [
        (IPAddress(v4: [0, 0, 0, 0]), 8),
        (IPAddress(v4: [10, 0, 0, 0]), 8),
        (IPAddress(v4: [100, 64, 0, 0]), 10),
        (IPAddress(v4: [127, 0, 0, 0]), 8),
        (IPAddress(v4: [169, 254, 0, 0]), 16),
        (IPAddress(v4: [172, 16, 0, 0]), 12),
        (IPAddress(v4: [192, 0, 0, 0]), 24),
        (IPAddress(v4: [192, 0, 2, 0]), 24),
        (IPAddress(v4: [192, 88, 99, 0]), 24),
        (IPAddress(v4: [192, 168, 0, 0]), 16),
        (IPAddress(v4: [198, 18, 0, 0]), 15),
        (IPAddress(v4: [198, 51, 100, 0]), 24),
        (IPAddress(v4: [203, 0, 113, 0]), 24),
        (IPAddress(v4: [224, 0, 0, 0]), 3),
    ]

    private static let notPublicV6: [(IPAddress, Int)] = [
        // IETF protocol assignments, Teredo and ORCHID among them.
        (IPAddress(v6: [0x20, 0x01] + zeros(14)), 23),
        (IPAddress(v6: [0x20, 0x01, 0x0D, 0xB8] + zeros(12)), 32),
        // 6to4 carries any IPv4 address.
        (IPAddress(v6: [0x20, 0x02] + zeros(14)), 16),
        (IPAddress(v6: [0x3F, 0xFF] + zeros(14)), 20),
    ]
}

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
