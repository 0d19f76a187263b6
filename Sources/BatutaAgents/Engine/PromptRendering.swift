import BatutaCore

extension PromptTemplate {
    func render(variables: [String: JSON], language: String) -> String {
        parts.map { part in
            switch part {
            case .text(let text), .expression(let text): text
            case .variable(let name): variables[name]?.string ?? variables[name]?.text ?? ""
            }
        }.joined()
    }
}
