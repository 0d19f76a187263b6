import Testing

@testable import BatutaTools

@Suite struct `Rules of robots.txt` {
    static let file = """
        # comment
        User-agent: other
        Disallow: /

        User-agent: Batuta
        User-agent: somebody
        Disallow: /private   # inline
        Allow: /private/open
        Disallow: /*.pdf$
        Disallow:
        Crawl-delay: 5

        User-agent: *
        Disallow: /all
        """

    @Test(arguments: [
        ("/", true), ("/private", false), ("/private/x", false), ("/private/open/x", true), ("/a/b.pdf", false), ("/a/b.pdf?x", true),
        ("/all", true),
        ("/robots.txt", true),
    ]) func `the group of our name and its longest rule decide`(path: String, allowed: Bool) {
        #expect(RobotsRules(parsing: Self.file.utf8, product: "batuta").allows(path) == allowed)
    }

    @Test func `without a group of our name the general one holds`() {
        let rules = RobotsRules(parsing: Self.file.utf8, product: "stranger")
        #expect(!rules.allows("/all/x"))
        #expect(rules.allows("/private"))
    }

    @Test func `an empty file allows everything`() { #expect(RobotsRules(parsing: "".utf8, product: "batuta").allows("/x")) }

    @Test func `many stars take no exponential time`() {
        let rules = RobotsRules(parsing: "User-agent: *\nDisallow: /\(String(repeating: "*a", count: 500))$".utf8, product: "batuta")
        #expect(rules.allows("/" + String(repeating: "a", count: 5_000) + "b"))
    }
}
