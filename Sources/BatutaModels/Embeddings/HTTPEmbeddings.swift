import BatutaCore
import BatutaHTTP

/// Asks an OpenAI-compatible `/embeddings` (OpenAI, Ollama, vLLM, Gemini's compatible address …).
struct HTTPEmbeddings: EmbeddingModel {
    let settings: ModelSettings
    let configuration: ProviderConfiguration
    let client: HTTPClient
    let breakers: ModelBreakers

    /// Whoever waits for a vector could as well ask the model itself.
    static let patience = Duration.seconds(5)
    /// Numbers of a vector at most.
    static let widest = 8_192
    /// Bytes of an answer: a vector of the widest is about 200 kB of text.
    private static let largest = 8 << 20

    var identity: String { "\(settings.provider)/\(settings.model)" }

    func embeddings(of texts: [String]) async throws(ModelError) -> Embeddings {
        guard let policy = settings.breaker else { return try await ask(texts) }
        let place = ModelPlace(provider: configuration.name, baseURL: configuration.baseURL, model: settings.model)
        if case .refuse = breakers.admit(place, policy: policy) {
            throw ModelError(.unavailable, "\(configuration.name) was not asked: it failed too often just now.", reason: .openCircuit)
        }
        do throws(ModelError) {
            let answer = try await ask(texts)
            breakers.succeeded(place)
            return answer
        } catch {
            switch error.code {
            case .timeout, .unavailable, .badAnswer: breakers.failed(place, policy: policy)
            case .rejected, .script, .rateLimited, .cancelled: breakers.abandoned(place)
            }
            throw error
        }
    }

    private func ask(_ texts: [String]) async throws(ModelError) -> Embeddings {
        let key = configuration.apiKey().flatMap { $0.isEmpty ? nil : $0 }
        if key == nil, configuration.needsKey {
            throw ModelError(.rejected, "\(configuration.name) needs a key: set \(configuration.keyName).")
        }
        var failure = ProviderFailure(provider: configuration.name, keyName: configuration.keyName, key: key)
        failure.nouns.answer = "list of embeddings"
        let response: ClientResponse
        do throws(HTTPClientError) {
            response = try await client.fetch(request(texts, key: key))
        } catch {
            throw Self.modelError(error, configuration.name)
        }
        guard response.status == 200 else { throw failure.error(status: response.status, body: response.body, retryAfter: nil) }
        guard let answer = Self.read(response.body, count: texts.count) else {
            throw failure.garbage("gave no list of embeddings", response.body)
        }
        return answer
    }

    private func request(_ texts: [String], key: String?) -> ClientRequest {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "application/json"]
        if let key { headers.add("Authorization", "Bearer \(key)") }
        var body: JSONObject = settings.extra
        body["model"] = .string(settings.model)
        body["input"] = .array(texts.map(JSON.string))
        body["encoding_format"] = "float"
        let patience = min(Self.patience, configuration.timeout)
        var sent = ClientRequest(
            method: "POST",
            url: WireAddress.below(Self.base(of: configuration), "/embeddings"),
            headers: headers,
            body: JSON.object(body).bytes,
            timeouts: ClientRequest.Timeouts(connect: patience, firstByte: patience, betweenBytes: patience)
        )
        sent.maximumBody = Self.largest
        sent.followProxyEnvironment = true
        sent.acceptsCompression = true
        sent.mayRepeat = true
        return sent
    }

    /// Google has the protocol below its own.
    private static func base(of configuration: ProviderConfiguration) -> String {
        guard configuration.kind == .gemini else { return configuration.baseURL }
        return WireAddress.below(configuration.baseURL, "/openai")
    }

    /// nil for what is no answer: another number of vectors, different widths, no numbers.
    static func read(_ body: [UInt8], count: Int) -> Embeddings? {
        guard let json = try? JSON.parse(body), let data = json["data"]?.array, data.count == count else { return nil }
        var vectors = [[Float]](repeating: [], count: count)
        for (position, entry) in data.enumerated() {
            let index = entry["index"]?.int.map { Int($0) } ?? position
            guard vectors.indices.contains(index), let numbers = entry["embedding"]?.array, numbers.count <= widest else { return nil }
            vectors[index] = numbers.compactMap { $0.double.map(Float.init) }
            guard vectors[index].count == numbers.count, vectors[index].allSatisfy(\.isFinite) else { return nil }
        }
        guard let width = vectors.first?.count, width > 0, vectors.allSatisfy({ $0.count == width }) else { return nil }
        return Embeddings(vectors: vectors, inputTokens: json["usage"]?["prompt_tokens"]?.int.map { Int(clamping: $0) } ?? 0)
    }

    private static func modelError(_ error: HTTPClientError, _ provider: String) -> ModelError {
        switch error.code {
        case .firstByteTimeout, .idleTimeout, .connectTimeout, .totalTimeout: ModelError(.timeout, "\(provider): \(error.message)")
        case .cancelled: ModelError(.cancelled, "The call was cancelled.")
        case .tooLarge, .badResponse: ModelError(.badAnswer, "\(provider): \(error.message) Check base_url.")
        case .connectionLost, .unknownHost, .connectionRefused, .connectFailed:
            ModelError(.unavailable, "\(provider): \(error.message) Check base_url.")
        case .tlsFailed, .tooManyRedirects, .egressRefused, .badURL, .badRequest:
            ModelError(.rejected, "\(provider): \(error.message) Check base_url.")
        }
    }
}

extension ProviderConfiguration {
    /// Who makes vectors for a model of this provider; nil where its kind has none.
    func embeddings(_ settings: ModelSettings, client: HTTPClient, breakers: ModelBreakers) -> (any EmbeddingModel)? {
        guard kind.makesEmbeddings else { return nil }
        return HTTPEmbeddings(settings: settings, configuration: self, client: client, breakers: breakers)
    }
}

extension ProviderConfiguration.Kind {
    /// Whether its servers turn texts into vectors.
    public var makesEmbeddings: Bool {
        switch self {
        case .openai, .openaiResponses, .gemini: true
        case .anthropic, .rehearsal: false
        }
    }
}
