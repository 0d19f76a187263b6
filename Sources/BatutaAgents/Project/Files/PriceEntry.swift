import BatutaCore
import BatutaModels

/// What a model costs, from a day on.
struct PriceEntry: Sendable {
    var from: CalendarDay?
    var input: Double?
    var cachedInput: Double?
    var cacheWrite: Double?
    var longCacheWrite: Double?
    var output: Double?
    var reasoning: Double?
    var media = MediaEntry()
    var above: LongPromptEntry?

    struct MediaEntry: Sendable {
        var audioInput: Double?
        var imageInput: Double?
        var videoInput: Double?
        var audioOutput: Double?
        var imageOutput: Double?
        var perImage: Double?
        var perSecond: Double?
        var perMinute: Double?

        var isEmpty: Bool {
            [audioInput, imageInput, videoInput, audioOutput, imageOutput, perImage, perSecond, perMinute].allSatisfy { $0 == nil }
        }

        var price: MediaPrice {
            MediaPrice(
                audioInput: audioInput,
                imageInput: imageInput,
                videoInput: videoInput,
                audioOutput: audioOutput,
                imageOutput: imageOutput,
                image: perImage ?? 0,
                second: perSecond ?? 0,
                minute: perMinute ?? 0
            )
        }
    }

    var price: ModelPrice {
        above.map { own.above($0.tokens ?? 0, $0.filled(from: self).own) } ?? own
    }

    /// Without what holds for long prompts.
    private var own: ModelPrice {
        ModelPrice(
            input: input ?? 0,
            cachedInput: cachedInput,
            cacheWrite: cacheWrite,
            longCacheWrite: longCacheWrite,
            output: output ?? 0,
            reasoning: reasoning,
            media: media.isEmpty ? nil : media.price
        )
    }

    /// One price, several with the days from which they hold, or 0.
    static let history = Shape<[PriceEntry]>(
        schema: FileSchema { ["anyOf": [shape.schema($0), ["type": "array", "items": shape.schema($0)], ["const": 0]]] },
        expected: Words("a price", "um preço")
    ) { node, problems in
        if node.elements != nil { return list(node, &problems) }
        if case .number(let number) = node.content { return free(number, node, &problems) }
        return shape.read(node, &problems).map { [$0] }
    }

    private static func list(_ node: YAMLNode, _ problems: inout ProblemList) -> [PriceEntry]? {
        let entries = Shape<[Located<PriceEntry>]>.list(of: .at(shape)).read(node, &problems)
        var days: Set<CalendarDay?> = []
        for entry in entries ?? [] where !days.insert(entry.value.from).inserted {
            let day = entry.value.from?.text
            let message = Words(
                day.map { "there is another price from \($0)" } ?? "two prices have no `from`",
                day.map { "já há um preço a partir de \($0)" } ?? "dois preços estão sem `from`"
            )
            problems.error(entry.line, message, hint: Words("say from which day each holds", "diga a partir de que dia vale cada um"))
        }
        return entries?.map(\.value)
    }

    private static func free(_ number: JSONNumber, _ node: YAMLNode, _ problems: inout ProblemList) -> [PriceEntry]? {
        if number.double == 0 { return [PriceEntry(input: 0, output: 0)] }
        let message = Words(
            "one number is no price: input and output cost differently",
            "um número só não é um preço: entrada e saída custam diferente"
        )
        let hint = Words(
            "write { input: …, output: … } in US dollars per million tokens, or 0",
            "escreva { input: …, output: … } em dólares por milhão de tokens, ou 0"
        )
        problems.error(node.line, message, hint: hint)
        return nil
    }

    private static let shape = Shape.record(
        PriceEntry(),
        Words("a price", "um preço"),
        [
            Field(
                "from",
                \.from,
                day,
                Words("The day from which it holds; from ever unless given.", "O dia a partir do qual vale; sem isso, desde sempre.")
            ),
            Field("input", \.input, dollars, Words("US dollars per million input tokens.", "Dólares por milhão de tokens de entrada.")),
            Field(
                "cached_input",
                \.cachedInput,
                dollars,
                Words("The same for input that the provider had cached.", "O mesmo para a entrada que o provedor tinha em cache.")
            ),
            Field(
                "cache_write",
                \.cacheWrite,
                dollars,
                Words("The same for input that the provider puts into its cache.", "O mesmo para a entrada que o provedor põe em cache.")
            ),
            Field(
                "cache_write_1h",
                \.longCacheWrite,
                dollars,
                Words(
                    "The same for what it keeps there for an hour; as cache_write unless given.",
                    "O mesmo para o que ele guarda ali por uma hora; sem isso, como cache_write."
                )
            ),
            Field("output", \.output, dollars, Words("US dollars per million output tokens.", "Dólares por milhão de tokens de saída.")),
            Field(
                "reasoning",
                \.reasoning,
                dollars,
                Words(
                    "The same for tokens of reasoning; as output unless given.",
                    "O mesmo para tokens de raciocínio; sem isso, como a saída."
                )
            ),
            Field(
                "above",
                \.above,
                LongPromptEntry.shape,
                Words(
                    "What holds for calls that are told more than so many tokens; what is not given there stays.",
                    "O que vale para chamadas com mais do que tantos tokens de entrada; o que não se informa ali continua."
                )
            ),
        ] + media
    ).checked { price, node, problems in
        let isTokens = price.input != nil || price.output != nil
        // What cannot be read is told already.
        for key in ["input", "output"] where node[key] == nil && (isTokens || price.media.isEmpty) {
            let hint = Words("US dollars per million tokens; 0 where it costs nothing", "dólares por milhão de tokens; 0 se não custa nada")
            problems.error(node.line, Words("`\(key)` is missing", "falta `\(key)`"), hint: hint)
        }
    }

    private static let media: [Field<PriceEntry>] = [
        Field(
            "audio_input",
            \.media.audioInput,
            dollars,
            Words("Per million tokens of sound heard.", "Por milhão de tokens de áudio ouvido.")
        ),
        Field(
            "image_input",
            \.media.imageInput,
            dollars,
            Words("Per million tokens of pictures seen.", "Por milhão de tokens de imagens vistas.")
        ),
        Field(
            "video_input",
            \.media.videoInput,
            dollars,
            Words("Per million tokens of video seen.", "Por milhão de tokens de vídeo visto.")
        ),
        Field(
            "audio_output",
            \.media.audioOutput,
            dollars,
            Words("Per million tokens of sound made.", "Por milhão de tokens de áudio gerado.")
        ),
        Field(
            "image_output",
            \.media.imageOutput,
            dollars,
            Words("Per million tokens of pictures made.", "Por milhão de tokens de imagens geradas.")
        ),
        Field("per_image", \.media.perImage, dollars, Words("US dollars for one image.", "Dólares por imagem.")),
        Field(
            "per_second",
            \.media.perSecond,
            dollars,
            Words("US dollars for a second of sound or video.", "Dólares por segundo de áudio ou vídeo.")
        ),
        Field(
            "per_minute",
            \.media.perMinute,
            dollars,
            Words("US dollars for a minute of sound or video.", "Dólares por minuto de áudio ou vídeo.")
        ),
    ]

    static let dollars = Shape<Double>.number(0...100_000)

    private static let day = Shape<CalendarDay>(
        schema: ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"],
        expected: dayWords
    ) { node, problems in
        if let day = node.string.flatMap({ CalendarDay($0) }) { return day }
        let wrong: Words = node.string.map { .expected(dayWords, not: $0.prefix(40)) } ?? .expected(dayWords, insteadOf: node)
        problems.error(node.line, wrong, hint: Words("write 2026-03-01", "escreva 2026-03-01"))
        return nil
    }

    private static let dayWords = Words("a day", "um dia")
}
