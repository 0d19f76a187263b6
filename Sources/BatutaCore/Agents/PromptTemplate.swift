/// Instructions with their holes: literal text, declared `$variables` and `${expressions}` over them (PROJECT.md, agents).
public struct PromptTemplate: Sendable {
    public enum Part: Sendable {
        case text(String)
        case variable(String)
        /// The source of an expression, already known to parse.
        case expression(String)
        /// A block of which there are variants: a run has one of them.
        case choice(PromptChoice)
    }

    public var parts: [Part]

    public init(parts: [Part]) { self.parts = parts }

    public init(text: String) { parts = [.text(text)] }

    /// The same with a text after it that is told as it stands.
    public func adding(_ text: String) -> PromptTemplate { PromptTemplate(parts: parts + [.text(text)]) }
}
