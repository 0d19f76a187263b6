/// What differs between Claude's models, as far as a request is concerned; read from the model's name. A name that says nothing is taken for
/// one of the newest.
struct ClaudeModel: Sendable, Hashable {
    /// `4.6` as 406.
    let version: Int

    init(_ name: String) {
        let parts = name.split { !$0.isLetter && !$0.isNumber }
        let start = parts.firstIndex(of: "claude") ?? 0
        // Dates have eight figures.
        let figures = parts[start...].compactMap { $0.utf8.count <= 2 ? Int($0) : nil }
        version = figures.isEmpty ? .max : figures[0] * 100 + (figures.count > 1 ? figures[1] : 0)
    }

    /// Whether it decides by itself how much it thinks (from 4.6 on); older ones are given a number of tokens.
    var thinksAdaptively: Bool { version >= 406 }

    /// Whether it thinks unless it is told not to.
    var thinksByItself: Bool { version >= 500 }

    /// From 4.7 on a temperature is refused.
    var takesTemperature: Bool { version < 407 }

    /// Before 3.7 nothing is known of thinking.
    var canThink: Bool { version >= 307 }
}
