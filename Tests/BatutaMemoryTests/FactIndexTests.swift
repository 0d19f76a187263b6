import BatutaCore
import Testing

@testable import BatutaMemory

/// Finding facts by the words of a question, in two languages.
@Suite struct FactIndexTests {
    static let now = Timestamp(milliseconds: 1_760_000_000_000)

    static func fact(_ number: Int, _ text: String, about: String? = nil, in namespace: String = "n", daysAgo: Int = 0) -> Fact {
        Fact(
            id: FactID(trusted: "mem_\(number)"),
            owner: "usr_a",
            namespace: namespace,
            about: about,
            text: text,
            createdAt: now.advanced(by: .seconds(-86_400 * daysAgo))
        )
    }

    static func index(_ facts: [Fact]) -> FactIndex {
        var index = FactIndex()
        for fact in facts { index.put(fact) }
        return index
    }

    static func best(_ index: FactIndex, _ question: String, in namespace: String? = "n", limit: Int = 1) -> [String] {
        index.best(for: question, in: namespace, at: now, limit: limit).map(\.text)
    }

    static let known = [
        fact(1, "Prefere relatórios em português, sem tabelas."), fact(2, "The daughter is called Júlia and is allergic to peanuts."),
        fact(3, "É vegetariana desde 2019."), fact(4, "Orçamento mensal das campanhas: R$ 10.000."), fact(5, "Works from São Paulo."),
        fact(6, "Gosta de reuniões às segundas-feiras."),
    ]

    @Test(arguments: [
        ("qual é o idioma do RELATORIO?", 1), ("is anybody allergic to a peanut", 2), ("Julia", 2), ("o vegetariano", 3),
        ("orcamento da campanha", 4), ("sao paulo", 5), ("REUNIÃO de segunda", 6),
    ])
    func `S2.14 accents, capitals, plurals and genders do not hide a fact`(_ question: String, _ number: Int) {
        #expect(Self.best(Self.index(Self.known), question) == [Self.known[number - 1].text])
    }

    @Test(arguments: ["", "the of and", "de que para", "xylophone", "\u{1F600}", "   "])
    func `a question without a word of any fact finds none`(_ question: String) {
        #expect(Self.best(Self.index(Self.known), question, limit: 10).isEmpty)
    }

    @Test func `of two facts that fit alike the one that was said last comes first`() {
        let index = Self.index([Self.fact(1, "Lives in Recife.", daysAgo: 400), Self.fact(2, "Lives in Natal.", daysAgo: 1)])
        #expect(Self.best(index, "where does the user live, lives", limit: 2) == ["Lives in Natal.", "Lives in Recife."])
    }

    @Test func `S2.15 a namespace hides what is in another`() {
        let index = Self.index([Self.fact(1, "likes red", in: "a"), Self.fact(2, "likes blue", in: "b")])
        #expect(Self.best(index, "likes", in: "a", limit: 5) == ["likes red"])
        #expect(Self.best(index, "likes", in: "none", limit: 5).isEmpty)
        #expect(Set(Self.best(index, "likes", in: nil, limit: 5)) == ["likes red", "likes blue"])
        #expect(index.newest(in: "b", limit: 5).map(\.text) == ["likes blue"])
    }

    @Test func `what one agent remembered is found before the list is cut`() {
        var facts = (1...20).map { Self.fact($0, "likes red \($0)") }
        for index in 0..<19 { facts[index].agent = "other" }
        facts[19].agent = "mine"
        facts[19].updatedAt = Self.now.advanced(by: .seconds(-86_400 * 300))
        let found = Self.index(facts).best(for: "likes red", in: nil, by: "mine", at: Self.now, limit: 3)
        #expect(found.map(\.text) == ["likes red 20"])
    }

    @Test func `what is taken away or replaced is found no more, and its place is used again`() {
        var index = Self.index(Self.known)
        index.put(Self.fact(3, "Eats meat again."))
        index.remove(FactID(trusted: "mem_2"))
        index.remove(FactID(trusted: "mem_unknown"))
        #expect(Self.best(index, "vegetariana").isEmpty && Self.best(index, "peanuts").isEmpty)
        #expect(Self.best(index, "meat") == ["Eats meat again."])
        index.put(Self.fact(9, "Plays the cello."))
        #expect(Self.best(index, "cello") == ["Plays the cello."] && index.count == 6)
    }

    @Test func `it ranks as looking at every fact does`() {
        var random = SplitMix(seed: 7)
        let words = (0..<60).map { "word\($0)x" }
        let facts = (0..<400).map { number in
            Self.fact(number, (0..<6).map { _ in words[Int(random.next() % 60)] }.joined(separator: " "), daysAgo: number)
        }
        let index = Self.index(facts)
        for _ in 0..<50 {
            let question = (0..<3).map { _ in words[Int(random.next() % 60)] }.joined(separator: " ")
            let all = index.best(for: question, in: "n", at: Self.now, limit: 400)
            #expect(index.best(for: question, in: "n", at: Self.now, limit: 7) == Array(all.prefix(7)))
            let terms = Set(FactText.terms(of: question))
            let fitting = facts.filter { !terms.isDisjoint(with: FactText.terms(of: $0.text)) }
            #expect(Set(all) == Set(fitting))
        }
    }
}

/// Numbers that are the same each time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
