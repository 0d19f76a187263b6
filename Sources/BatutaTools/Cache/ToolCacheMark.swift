/// Results that are not to be given again, by what they have in common.
public enum ToolCacheMark: Sendable, Hashable {
    /// Those with a tag; `*` in it stands for anything.
    case tag(String)
    /// Whatever a partition holds.
    case partition(String)
    /// All of them.
    case everything

    var kind: String {
        switch self {
        case .tag: "tag"
        case .partition: "partition"
        case .everything: "everything"
        }
    }

    var text: String {
        switch self {
        case .tag(let text), .partition(let text): text
        case .everything: ""
        }
    }

    /// What a newer node wrote that this one does not know is better forgotten.
    init(kind: String, text: String) {
        switch kind {
        case "tag": self = .tag(text)
        case "partition": self = .partition(text)
        default: self = .everything
        }
    }
}
