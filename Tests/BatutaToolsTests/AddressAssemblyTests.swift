import Testing

@testable import BatutaTools

@Suite struct `Addresses from templates` {
    typealias Part = AddressAssembly.Part

    private static func id(_ value: String) -> Part { .value(value, name: "params.id") }

    @Test(
        arguments: [
            ([.project("https://a.example/v1/"), id("12"), .project("/x")], "https://a.example/v1/12/x"),
            ([.project("https://a.example/"), id("a/b?c#d")], "https://a.example/a%2Fb%3Fc%23d"),
            ([.project("https://a.example/"), id("%2e%2e")], "https://a.example/%252e%252e"),
            ([.project("https://a.example/?q="), id("a&b=c d")], "https://a.example/?q=a%26b%3Dc%20d"),
            ([.project("https://a.example/?q="), id("")], "https://a.example/?q="),
            ([.project("https://a.example"), .project("/base/v2"), .project("/"), id("é")], "https://a.example/base/v2/%C3%A9"),
            ([.project("https://a.example/"), id("a\r\nX: y")], "https://a.example/a%0D%0AX%3A%20y"),
        ] as [([Part], String)]
    ) func `a value stays one segment or one query value`(parts: [Part], url: String) throws {
        let (address, host) = try AddressAssembly.address(of: parts)
        #expect(address.text == url)
        #expect(host == .trusted)
    }

    @Test(
        arguments: [
            [.project("https://a.example/"), id("..")], [.project("https://a.example/"), id(".")],
            [.project("https://a.example/."), id("."), .project("/x")],
            [.project("https://a.example/v1/"), .connection("%2E%2e"), .project("/x")],
            [.project("https://a.example/v1/"), .connection("a/.%2e/b")], [.project("https://a.example/v1/"), .connection("..")],
            [.project("https://a.example/"), id(""), .project("/delete")], [id("https://evil.example/")],
            [.project("https://a.example:"), id("99999")],
            [.project("ftp://a.example/"), id("x")], [.project("https://a.example\r\nX: y/")],
        ] as [[Part]]
    ) func `dots, emptiness and broken addresses are refused`(parts: [Part]) {
        #expect(throws: AddressAssembly.Problem.self) { try AddressAssembly.address(of: parts) }
    }

    @Test(
        arguments: [
            [.project("https://"), id("a.example"), .project("/x")], [.project("https://"), id("a"), .project(".example/x")],
            [.project("https://a.example"), id("x")], [.connection("https://shop.example"), .project("/x")],
            [.project("https://a.example:"), id("80"), .project("/")],
        ] as [[Part]]
    ) func `a host that a value has a part in is not trusted`(parts: [Part]) throws {
        #expect(try AddressAssembly.address(of: parts).1 == .chosen)
    }
}
