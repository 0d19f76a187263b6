import BatutaCore

/// What differs between the servers that speak OpenAI's chat completions, as far as a request is concerned.
///
/// Known by the address; an unknown address gets the oldest, most widely understood form.
struct ChatDialect: Sendable, Hashable {
    /// The field for the bound on the answer: OpenAI's reasoning models refuse `max_tokens`, older servers know nothing else.
    var tokenLimitField = "max_tokens"
    /// Whether OpenAI's reasoning models are here, which refuse a temperature.
    var hasOpenAIReasoningModels = false
    /// Whether answers keep to a schema in `response_format`.
    var schemas = Schemas.never
    /// Whether the reasoning of an answer with calls has to come back with them.
    var wantsReasoningBack = false
    /// Whether questions may say what they have in common (`prompt_cache_key`).
    var takesCacheKey = false
    /// Whether every model of the server wants short identifiers of calls (`callID`).
    var hasShortCallIDs = false
    /// The kinds of files that its models usually see.
    var accepts: Set<ModelFile.Kind> = []

    enum Schemas: Sendable {
        case never
        /// With tools the field is refused, or no tool is called any more.
        case withoutTools
        case newModels
    }

    init() {}

    init(baseURL: String) {
        let host = Self.host(of: baseURL)
        switch host {
        case "api.openai.com", "us.api.openai.com", "eu.api.openai.com":
            tokenLimitField = "max_completion_tokens"
            hasOpenAIReasoningModels = true
            schemas = .newModels
            takesCacheKey = true
            accepts = [.image, .document]
        case "generativelanguage.googleapis.com":
            schemas = .withoutTools
            accepts = [.image, .audio]
        case "openrouter.ai": accepts = [.image, .document]
        case "api.deepseek.com", "api.moonshot.ai", "api.moonshot.cn": wantsReasoningBack = true
        case "api.mistral.ai", "codestral.mistral.ai": hasShortCallIDs = true
        case "api.groq.com": tokenLimitField = "max_completion_tokens"
        case _ where host.hasSuffix(".openai.azure.com"):
            tokenLimitField = "max_completion_tokens"
            hasOpenAIReasoningModels = true
            schemas = .newModels
            accepts = [.image]
        default: break
        }
    }

    /// Whether identifiers of calls must be nine letters or digits, as Mistral wants them wherever its models are.
    ///
    /// Mistral, Mixtral, Ministral, Magistral, Devstral, Codestral, Pixtral: no other model is called something with `stral` or `xtral`, and it would
    /// not mind. Asked for each call of each question, so it goes by bytes.
    static func hasShortCallIDs(model: String) -> Bool {
        var model = model
        return model.withUTF8 { bytes in
            guard bytes.count >= 5 else { return false }
            return (0...bytes.count - 5).contains { start in
                let first = bytes[start] | 0x20
                guard first == UInt8(ascii: "s") || first == UInt8(ascii: "x") else { return false }
                return zip(bytes[(start + 1)...], "tral".utf8).allSatisfy { $0 | 0x20 == $1 }
            }
        }
    }

    /// The identifier of a call as the server takes it; the same call always has the same.
    func callID(_ id: CallID, model: String) -> String {
        guard hasShortCallIDs || Self.hasShortCallIDs(model: model) else { return id.rawValue }
        // FNV-1a (Fowler, Noll, Vo); nine of 62 characters hold 53 of its bits.
        var hash = id.rawValue.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var text = ""
        for _ in 0..<9 {
            text.unicodeScalars.append(Unicode.Scalar(Self.letters[Int(hash % 62)]))
            hash /= 62
        }
        return text
    }

    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Whether a temperature may be sent for a model: OpenAI's o-series and gpt-5 answer 400 to any.
    func takesTemperature(model: String) -> Bool {
        guard hasOpenAIReasoningModels else { return true }
        if model.hasPrefix("gpt-5") { return model.hasPrefix("gpt-5-chat") }
        return !["o1", "o3", "o4"].contains { model.hasPrefix($0) }
    }

    /// The host in lower case, without user and port.
    static func host(of url: String) -> String {
        guard let scheme = url.utf8Range(of: "://") else { return "" }
        let authority = url[scheme...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@").last ?? ""
        return String(host.split(separator: ":").first ?? "").lowercased()
    }
}

extension String {
    /// The position after the first occurrence of some ASCII text.
    fileprivate func utf8Range(of text: String) -> String.Index? {
        let needle = Array(text.utf8)
        var index = utf8.startIndex
        while index < utf8.endIndex {
            if utf8[index...].starts(with: needle) { return utf8.index(index, offsetBy: needle.count) }
            index = utf8.index(after: index)
        }
        return nil
    }
}
