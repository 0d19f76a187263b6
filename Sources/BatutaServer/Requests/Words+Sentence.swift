import BatutaCore

extension Words {
    /// With a capital at the beginning.
    var capitalized: Words { Words(Self.capitalized(english), Self.capitalized(portuguese)) }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
