import BatutaCore
import BatutaSimulators
import Glibc

/// `batuta simulate models`: a server on loopback that speaks the protocols of model providers and answers by a few rules.
struct SimulateCommand: Command {
    static let name = "simulate"
    static let synopsis = Words("models", "models")
    static let mostWords = 1
    static let summary = Words(
        "starts a simulator on loopback: models that answer by a few rules",
        "inicia um simulador local: modelos que respondem por regras simples"
    )
    static let port = Option.value(
        "port",
        "PORT",
        Words("the port, 0 for a free one (default 7710)", "a porta; 0 escolhe uma livre (padrão 7710)")
    )
    static let options: [Option] = [port]

    func run(_ context: CommandContext) async throws -> ExitCode {
        guard context.arguments.positionals.first == "models" else {
            throw CommandFailure.usage(context.say(Words("Usage: batuta simulate models", "Uso: batuta simulate models")))
        }
        let simulator = ModelSimulator(port: try port(context), records: false)
        do {
            try simulator.start()
        } catch {
            throw CommandFailure.failed(
                context.say(Words("The simulator cannot start: \(error)", "O simulador não consegue iniciar: \(error)"))
            )
        }
        context.output.outLine(Self.words(simulator, context))
        await Self.interruption()
        simulator.stop()
        return .done
    }

    private func port(_ context: CommandContext) throws -> Int {
        guard let text = context.arguments.given(Self.port) else { return 7_710 }
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw CommandFailure.usage(
                context.say(Words("--port \(text) is no port: 0 to 65535.", "--port \(text) não é uma porta: de 0 a 65535."))
            )
        }
        return port
    }

    private static func interruption() async {
        await withTaskGroup(of: Void.self) { group in
            for signal in [SIGINT, SIGTERM] {
                group.addTask { for await _ in Signals.shared.stream(of: signal) { break } }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// What to write into batuta.yaml, and what can be said.
    private static func words(_ simulator: ModelSimulator, _ context: CommandContext) -> String {
        let (base, gemini) = (simulator.baseURL, simulator.geminiBaseURL)
        let opening = Words(
            "Simulated models on \(base). In batuta.yaml:",
            "Modelos simulados em \(base). No batuta.yaml:"
        )
        let yaml = """
              providers:
                sim:           { kind: openai, base_url: "\(base)" }
                sim_responses: { kind: openai_responses, base_url: "\(base)" }
                sim_anthropic: { kind: anthropic, base_url: "\(base)" }
                sim_gemini:    { kind: gemini, base_url: "\(gemini)" }
              models:
                default: { provider: sim, model: talk }
            """
        let faults = ModelSimulator.faults.joined(separator: "|")
        let rules = Words(
            """
            The model talk says back what it is told, calls a tool whose name it reads, and obeys lines like these in a message:
              call: TOOL {"a": 1}    say: TEXT    think: TEXT    fact: TEXT    fault: \(faults) [TIMES]
            Other models: text-20, tools-3, slow-50, cut-5, silent-5, limit-2, fail-503, missing-x (404). Ctrl-C ends it.
            """,
            """
            O modelo talk repete o que ouve, chama a ferramenta cujo nome ler e obedece a linhas assim na mensagem:
              call: FERRAMENTA {"a": 1}    say: TEXTO    think: TEXTO    fact: TEXTO    fault: \(faults) [VEZES]
            Outros modelos: text-20, tools-3, slow-50, cut-5, silent-5, limit-2, fail-503, missing-x (404). Ctrl-C encerra.
            """
        )
        return "\(context.say(opening))\n\(yaml)\n\(context.say(rules))"
    }
}
