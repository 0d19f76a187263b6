import BatutaCore

/// `budgets` of batuta.yaml.
struct BudgetsEntry: Sendable {
    var run: Located<MoneyEntry>?
    var userPerDay: Located<MoneyEntry>?
    var projectPerMonth: Located<MoneyEntry>?

    static let shape = Shape.record(
        BudgetsEntry(),
        Words("budgets", "um mapeamento com os orçamentos"),
        [
            Field(
                "run",
                \.run,
                .at(MoneyEntry.shape),
                Words("For one run, its children included.", "Para uma execução, com as que ela abre.")
            ),
            Field(
                "user_per_day",
                \.userPerDay,
                .at(MoneyEntry.shape),
                Words("For each user and day, in the project's `time_zone`.", "Por usuário e por dia, no `time_zone` do projeto.")
            ),
            Field(
                "project_per_month",
                \.projectPerMonth,
                .at(MoneyEntry.shape),
                Words("For the whole project and month.", "Para o projeto inteiro, por mês.")
            ),
        ]
    )
}

/// Money as a file writes it: US dollars as a number, or an amount with its currency.
struct MoneyEntry: Sendable, Hashable {
    var amount: Double
    /// Three capital letters.
    var currency: String

    static let shape = Shape<MoneyEntry>(
        schema: ["anyOf": [["type": "number", "minimum": 0], ["type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? [A-Z]{3}$"]]],
        expected: moneyWords
    ) { node, problems in
        if let money = read(node) { return money }
        let isTooMuch: Bool = if case .number = node.content { true } else { false }
        let range = Words("money from 0 to 1000000000 was expected", "esperava-se um valor de 0 a 1000000000")
        let found: Words =
            isTooMuch
            ? range : node.string.map { Words.expected(moneyWords, not: "\"\($0.prefix(40))\"") } ?? .expected(moneyWords, insteadOf: node)
        let hint = Words(
            "write 20.00 for US dollars, or \"100 BRL\" with a rate under currencies",
            "escreva 20.00 para dólares, ou \"100 BRL\" com uma cotação em currencies"
        )
        problems.error(node.line, found, hint: hint)
        return nil
    }

    private static func read(_ node: YAMLNode) -> MoneyEntry? {
        if case .number(let number) = node.content { return MoneyEntry(number.double, "USD") }
        let parts = node.string?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, isCurrency(parts[1]), isAmount(parts[0]), let amount = Double(String(parts[0])) else { return nil }
        return MoneyEntry(amount, String(parts[1]))
    }

    private init?(_ amount: Double, _ currency: String) {
        guard amount.isFinite, (0...1_000_000_000).contains(amount) else { return nil }
        self.amount = amount
        self.currency = currency
    }

    /// Digits with at most one decimal point; Swift's own reader takes `0x1p4` and `nan`, too.
    private static func isAmount(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 } && text.utf8.first != 46 && text.utf8.last != 46
    }

    static func isCurrency(_ text: some StringProtocol) -> Bool { text.utf8.count == 3 && text.utf8.allSatisfy { (65...90).contains($0) } }

    /// Billionths of a US dollar.
    ///
    /// - Parameter rate: How much of the currency makes one dollar.
    func nanoUSD(at rate: Double) -> Int64 { NanoUSD.nanos(amount / rate) }

    static let moneyWords = Words("money", "um valor em dinheiro")
}
