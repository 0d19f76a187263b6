import BatutaCore
import BatutaModels
import Testing

/// Which questions ask the same, by their words: what a cosine cannot tell (findings on the semantic cache). A pair is compared both ways.
@Suite struct QuestionWordsTests {
    private static func same(_ one: String, _ other: String) -> Bool {
        let (one, other) = (QuestionWords(one), QuestionWords(other))
        #expect(one.asksTheSame(as: other) == other.asksTheSame(as: one), "it must not matter who asked first")
        return one.asksTheSame(as: other)
    }

    @Test(arguments: [
        ("What is a fugue?", "what is a fugue"), ("What is a fugue?", "Hi! What is the fugue, please?"),
        ("How do I reset my password?", "How do I reset my password"), ("Explain the refund policy", "Please explain the refund policy."),
        ("What's the refund policy?", "What’s the refund policy"), ("Opening hours of the library", "opening hours, library"),
        ("O que é uma fuga?", "O que e uma fuga"), ("Como redefinir a senha?", "Oi, como redefinir a senha, por favor?"),
        ("Qual é a política de reembolso?", "qual a politica de reembolso"), ("Horário da biblioteca", "horário, biblioteca"),
        ("Convert 10 USD to EUR", "convert ten USD to EUR"), ("Reunião em 3 de maio", "reuniao em três de maio"),
    ]) func `the same question in other clothes is the same`(_ one: String, _ other: String) {
        #expect(Self.same(one, other))
    }

    @Test func `several words for another number of words are a rewording, when most of the question stands`() {
        #expect(Self.same("documents required renewing passport abroad", "documents people need renewing passport abroad"))
        #expect(Self.same("documentos exigidos renovar passaporte exterior", "documentos que alguém exige renovar passaporte exterior"))
    }

    /// Pairs that lie close together and do not ask the same.
    static let others: [(String, String)] = [
        // Opposites, and one word in another's place.
        ("How do I enable 2FA?", "How do I disable 2FA?"), ("How do I enable 2FA?", "How do I turn off 2FA?"),
        ("Increase the budget of the campaign", "Reduce the budget of the campaign"), ("Open the gate", "Close the gate"),
        ("Is the invoice paid?", "Is the invoice unpaid?"), ("buy shares of the fund", "sell shares of the fund"),
        ("What are the advantages of Rust?", "What are the disadvantages of Rust?"), ("cheapest flight", "dearest flight"),
        ("Lock the account", "Unlock the account"), ("Como ativar o modo escuro?", "Como desativar o modo escuro?"),
        ("Aumente o orçamento da campanha", "Reduza o orçamento da campanha"), ("Comprar ações do fundo", "Vender ações do fundo"),
        ("A fatura foi paga?", "A fatura foi cancelada?"), ("Abrir a porta", "Fechar a porta"),
        ("reset the user password", "reset the admin password"), ("pause campaign Alpha", "resume campaign Alpha"),
        // Negation.
        ("Can dogs eat chocolate?", "Can dogs not eat chocolate?"), ("hotels with breakfast", "hotels without breakfast"),
        ("hotels with breakfast", "hotels lacking breakfast"), ("Why does it work?", "Why doesn't it work?"),
        ("Posso comer antes do exame?", "Não posso comer antes do exame?"), ("hotéis com café", "hotéis sem café"),
        ("receitas com leite", "receitas sem leite"), ("I want the newsletter", "I never want the newsletter"),
        // Numbers, dates, amounts.
        ("Convert 10 USD to EUR", "Convert 100 USD to EUR"), ("Sales in 2023", "Sales in 2024"), ("Meeting at 10:30", "Meeting at 10:45"),
        ("Two eggs in a cake", "three eggs in a cake"), ("Taxes due 2024-05-01", "Taxes due 2024-06-01"),
        ("Vendas de março", "Vendas de abril"), ("Weather in March", "Weather in July"), ("Vendas de 2023", "Vendas de 2024"),
        ("Parcelar em 3 vezes", "Parcelar em 10 vezes"), ("Bolo com dois ovos", "Bolo com três ovos"), ("juros de 1,5%", "juros de 1,6%"),
        // Names and their order.
        ("Flights from Paris to London", "Flights from London to Paris"),
        ("Translate from English to German", "Translate from German to English"),
        ("Did Brazil beat Argentina?", "Did Argentina beat Brazil?"),
        ("Transfer from savings to checking", "Transfer from checking to savings"),
        ("Capital of Australia", "Capital of Austria"), ("Who is Ana's manager?", "Who is Bia's manager?"),
        ("Voos de Recife para Natal", "Voos de Natal para Recife"), ("O Brasil venceu a Argentina?", "A Argentina venceu o Brasil?"),
        ("Capital da Áustria", "Capital da Austrália"), ("is A larger than B", "is B larger than A"),
        // Directions, places in time, quantity, who and where.
        ("flights to Paris", "flights from Paris"), ("medicine before meals", "medicine after meals"), ("turn it on", "turn it off"),
        ("Delete all messages", "Delete some messages"), ("When does it open?", "Where does it open?"), ("Can I cancel?", "Must I cancel?"),
        ("my order", "his order"), ("tea and coffee", "tea or coffee"), ("remédio antes das refeições", "remédio depois das refeições"),
        ("voos para Paris", "voos de Paris"), ("Apague todas as mensagens", "Apague algumas mensagens"), ("Quando abre?", "Onde abre?"),
        ("Posso cancelar?", "Devo cancelar?"), ("mais barato que o meu", "menos barato que o meu"), ("chá e café", "chá ou café"),
        // A word more.
        ("reset password", "reset admin password"), ("delete the file", "delete the backup file"),
        ("refund policy", "refund policy abroad"),
        ("apagar arquivo", "apagar arquivo original"), ("limite do cartão", "limite do cartão adicional"),
        // Several words for several, with a turn in them.
        ("start sending weekly reports by mail", "stop right away sending weekly reports by mail"),
        ("cancel the booking of the hotel in Rome", "please do renew early the booking of the hotel in Rome"),
        // What changes with the day.
        ("What happened today?", "what happened today"), ("Cotação do dólar agora", "cotação do dolar agora"),
        ("", ""), ("?", "!"),
    ]

    @Test(arguments: others) func `S4.15 what only looks alike is never the same`(_ one: String, _ other: String) {
        #expect(!Self.same(one, other))
    }

    @Test func `long texts of any letters are compared in bounded time and never trap`() {
        let odd = [
            "", " ", "'''", "…", "10:", "-5-", "a\u{301}\u{301}", "İstanbul ẞ ﬁ", "日本語の質問", "🇧🇷🇧🇷 👩‍👩‍👧", String(repeating: "a1.", count: 3_000),
        ]
        for one in odd { for other in odd { _ = Self.same(one, other) } }
        #expect(Self.same("日本語 質問", "日本語 質問"))
    }
}
