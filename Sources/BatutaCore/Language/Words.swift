/// A text in the two languages that Batuta speaks.
///
/// Neither is a translation word by word: each says in its own way what is wrong or what happens, and what to do.
/// Texts for people are `Words` wherever they are made, and become a `String` only where the reader is known.
public struct Words: Sendable, Hashable {
    public var english: String
    public var portuguese: String

    public init(_ english: String, _ portuguese: String) {
        self.english = english
        self.portuguese = portuguese
    }

    public func callAsFunction(_ language: Language) -> String { language == .portuguese ? portuguese : english }

    /// Nothing, in either language.
    public static let none = Words("", "")

    public static func + (left: Words, right: Words) -> Words {
        Words(left.english + right.english, left.portuguese + right.portuguese)
    }

    /// " (did you mean size?)", or nothing.
    static func meant(_ name: String?) -> Words {
        name.map { Words(" (did you mean \($0)?)", " (você quis dizer \($0)?)") } ?? .none
    }
}

/// A language that people read Batuta in.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case portuguese = "pt-BR"

    /// - Parameter tag: BCP 47 (`pt-BR`, `en`) or a locale of POSIX (`pt_BR.UTF-8`); everything that is not Portuguese reads English.
    public init(tag: String) { self = tag.lowercased().hasPrefix("pt") ? .portuguese : .english }
}
