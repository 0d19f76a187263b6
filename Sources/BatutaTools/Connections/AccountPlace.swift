/// Whose account of what, and the values of its texts.
struct AccountPlace: Sendable {
    typealias Key = String

    var definition: ConnectionDefinition
    var owner: String
    var render: ConnectionDefinition.Render

    var name: String { definition.name }
    var key: Key { "\(owner) \(name)" }
}
