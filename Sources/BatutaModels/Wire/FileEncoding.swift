import BatutaCore

extension ModelFile {
    /// Its bytes as text.
    var base64: String { Base64Text.encode(bytes) }

    /// `data:image/png;base64,…` (RFC 2397).
    var dataURL: String { "data:\(mediaType);base64,\(base64)" }
}

extension ModelTurn {
    /// About how many bytes it takes on the wire.
    var wireSize: Int {
        switch self {
        case .user(let text): text.utf8.count + 48
        case .shown(let text, let files): files.reduce(text.utf8.count + 96) { $0 + $1.bytes.count * 4 / 3 + 128 }
        case .assistant(let text, let calls): text.utf8.count + 64 + calls.count * 256
        case .tool(_, _, let envelope): envelope.count + envelope.count / 8 + 96
        }
    }
}

extension ModelRequest {
    /// About how many bytes it takes on the wire.
    var wireSize: Int {
        let turns = turns.reduce(0) { $0 + $1.wireSize }
        let tools = tools.reduce(0) { $0 + $1.parameters.count + $1.description.utf8.count + 96 }
        return turns + tools + system.utf8.count + 512
    }
}
