import BatutaAgents
import BatutaCore

extension CommandContext {
    /// An option's value that has to be JSON.
    func json(_ text: String, of option: Option) throws(CommandFailure) -> JSON {
        do {
            return try JSON.parse(text)
        } catch {
            let opening = Words("--\(option.name) is not valid JSON: ", "--\(option.name) não é JSON válido: ")
            throw .usage(say(opening + error.words + Words(".", ".")))
        }
    }
}
