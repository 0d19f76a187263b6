import BatutaHTTP
import Testing

@testable import BatutaTools

@Suite struct `Encoding of addresses` {
    @Test(arguments: [
        ("abc-._~09", "abc-._~09"), ("a/b", "a%2Fb"), ("a b?c=d&e#f", "a%20b%3Fc%3Dd%26e%23f"), ("é", "%C3%A9"), ("%2e%2e", "%252e%252e"),
        ("a\r\nb", "a%0D%0Ab"), ("\u{0}", "%00"),
    ]) func `a component keeps only unreserved characters`(text: String, encoded: String) {
        #expect(PercentEncoding.component(text) == encoded)
    }

    @Test func `a form writes spaces as plus signs`() {
        #expect(PercentEncoding.form([("a b", "1+1=2"), ("c", "~*")]) == "a+b=1%2B1%3D2&c=%7E*")
    }

    @Test(arguments: [
        ("https://Example.com/a?b#c", "https", "example.com", 443, "/a?b"), ("http://[::1]:8080", "http", "[::1]", 8080, "/"),
        ("http://h?x=1", "http", "h", 80, "/?x=1"), ("https://h:443/", "https", "h", 443, "/"),
    ]) func `an address is taken apart`(url: String, scheme: String, host: String, port: Int, target: String) throws {
        let address = try #require(WebAddress(url))
        #expect(address.origin == Origin(scheme: scheme, host: host, port: port))
        #expect(address.target == target)
    }

    @Test(arguments: [
        "", "example.com", "ftp://h/", "http://", "http://u:p@h/", "http://h:0/", "http://h:99999/", "http://h/a b", "http://h/\n",
        "http:///x", "file:///etc/passwd",
        "http://h\\@evil/",
    ]) func `what is no plain web address is refused`(url: String) { #expect(WebAddress(url) == nil) }
}
