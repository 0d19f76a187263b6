public import BatutaCore

extension Words {
    /// Nobody is called so; who most likely was meant, and who there is.
    ///
    /// - Parameter targets: `agent:NAME` and `team:NAME`.
    public static func unknownTarget(_ name: String, among targets: [String]) -> Words {
        // Names are compared without `agent:` and `team:`: what all have in common makes nobody near.
        let bare = Self.bare(name)
        let near = nearestNames(to: bare, among: Set(targets.map(Self.bare)).sorted(), limit: 1).first
        let meant = near.flatMap { near in targets.first { Self.bare($0) == near } }
        let hint = meant.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let listed = targets.joined(separator: ", ")
        return Words("There is no target \(name).", "Não existe \(name) neste projeto.") + hint
            + Words(" Targets: \(listed).", " Existem: \(listed).")
    }

    private static func bare(_ target: String) -> String { target.split(separator: ":", maxSplits: 1).last.map(String.init) ?? target }
}
