import BatutaTelemetry
import Testing

@Suite struct `Secret mask` {
    @Test(arguments: [
        ("key sk-abcdefghijklmnop1234 end", "key ••• end"),
        ("sk-ant-api03-abcdefghijklmnop_-", "•••"),
        ("(bat_0123456789abcdefXYZ)", "(•••)"),
        ("Authorization: Bearer abc.def-ghi/jk=", "Authorization: Bearer •••"),
        ("authorization: bearer abcdefgh", "authorization: bearer •••"),
        ("Basic dXNlcjpwYXNz", "Basic •••"),
        ("AKIAIOSFODNN7EXAMPLE.", "•••."),
        ("token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln!", "token=•••!"),
        ("EAAGm0PX4ZCpsBAKZCZCZCZCZC0123", "•••"),
        ("postgres://ana:segredo@db:5432/x", "postgres://•••@db:5432/x"),
        ("https://u:p@ss@host/", "https://•••@host/"),
        ("ghp_0123456789abcdefghij and xoxb-1234567890", "••• and •••"),
        ("não sk-abcdefghijklmnop1234 ✓", "não ••• ✓"),
    ])
    func `S3.22 what looks like a key is masked`(text: String, expected: String) {
        #expect(SecretMask().mask(text) == expected)
        #expect(SecretMask(keyShapes: false).mask(text) == text)
    }

    @Test(arguments: [
        "", "risk-assessment-of-the-whole-year", "sk-short", "bat_1", "bearer of news", "Bearer", "Basic info", "AKIA1234",
        "akiaiosfodnn7example",
        "eyJ", "http://example.com/a@b", "mail ana@example.com", "EAA", "://", ":", "sk-", "a:b@c",
    ])
    func `what only resembles one stays`(text: String) {
        #expect(SecretMask().mask(text) == text)
    }

    @Test func `S3.24 a registered secret goes wherever it stands, in each of its forms`() {
        var mask = SecretMask(keyShapes: false)
        mask.register("pa\"ss w/ord")
        mask.register("pa\"ss w/ord and more")
        mask.register("tiny")
        #expect(mask.mask("apa\"ss w/ordb") == "a•••b")
        #expect(mask.mask("x=pa%22ss%20w%2Ford") == "x=•••")
        #expect(mask.mask(#"{"k":"pa\"ss w/ord"}"#) == #"{"k":"•••"}"#)
        #expect(mask.mask("pa\"ss w/ord and more!") == "•••!")
        #expect(mask.mask("pa\"ss w/ordpa\"ss w/ord") == "••••••")
        #expect(mask.mask("pa\"ss w/or") == "pa\"ss w/or")
        #expect(mask.mask("tiny") == "tiny")
    }

    @Test func `a secret value shows in no description`() {
        struct Holder { let key = Secret("canary") }
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in ["\(Secret("canary"))", String(reflecting: Secret("canary")), "\(Holder())", String(reflecting: Holder()), dumped] {
            #expect(!text.contains("canary"))
        }
        #expect(Secret("canary").reveal() == "canary")
    }
}
