/// Tokens of one model call, as the provider reports them.
///
/// `inputTokens` and `outputTokens` hold everything that was read and written, whatever its kind; all other counts are parts of one of
/// them, and those of one side may overlap (a cached picture is in `cachedTokens` and in `imageInputTokens`). A part that a provider does
/// not tell is 0.
public struct ModelUsage: Sendable, Hashable {
    public var inputTokens: Int
    public var outputTokens: Int
    /// Part of `inputTokens` that the provider had cached.
    public var cachedTokens: Int
    /// Part of `inputTokens` that the provider put into its cache, which some charge for; none of it is in `cachedTokens`.
    public var cacheCreationTokens: Int
    /// Part of `cacheCreationTokens` that is kept for an hour instead of minutes, which costs more.
    public var longCacheTokens: Int
    /// Part of `outputTokens` spent on reasoning.
    public var reasoningTokens: Int
    /// Parts of `inputTokens` by what was read; the rest is text.
    public var audioInputTokens: Int
    public var imageInputTokens: Int
    public var videoInputTokens: Int
    /// Parts of `outputTokens` by what was made; the rest is text.
    public var audioOutputTokens: Int
    public var imageOutputTokens: Int

    public init(
        inputTokens: Int = 0,
        outputTokens: Int = 0,
        cachedTokens: Int = 0,
        cacheCreationTokens: Int = 0,
        reasoningTokens: Int = 0
    ) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cachedTokens = cachedTokens
        self.cacheCreationTokens = cacheCreationTokens
        self.reasoningTokens = reasoningTokens
        longCacheTokens = 0
        audioInputTokens = 0
        imageInputTokens = 0
        videoInputTokens = 0
        audioOutputTokens = 0
        imageOutputTokens = 0
    }

    public static func + (left: ModelUsage, right: ModelUsage) -> ModelUsage {
        var sum = ModelUsage(
            inputTokens: left.inputTokens + right.inputTokens,
            outputTokens: left.outputTokens + right.outputTokens,
            cachedTokens: left.cachedTokens + right.cachedTokens,
            cacheCreationTokens: left.cacheCreationTokens + right.cacheCreationTokens,
            reasoningTokens: left.reasoningTokens + right.reasoningTokens
        )
        sum.longCacheTokens = left.longCacheTokens + right.longCacheTokens
        sum.audioInputTokens = left.audioInputTokens + right.audioInputTokens
        sum.imageInputTokens = left.imageInputTokens + right.imageInputTokens
        sum.videoInputTokens = left.videoInputTokens + right.videoInputTokens
        sum.audioOutputTokens = left.audioOutputTokens + right.audioOutputTokens
        sum.imageOutputTokens = left.imageOutputTokens + right.imageOutputTokens
        return sum
    }
}

extension ModelUsage {
    /// Reads what `writeMembers` wrote; counts that are missing are 0.
    public init(_ json: JSON) {
        func count(_ name: String) -> Int { json[name]?.int.map { Int(clamping: $0) } ?? 0 }
        self.init(
            inputTokens: count("input_tokens"),
            outputTokens: count("output_tokens"),
            cachedTokens: count("cached_tokens"),
            cacheCreationTokens: count("cache_creation_tokens"),
            reasoningTokens: count("reasoning_tokens")
        )
        longCacheTokens = count("long_cache_tokens")
        audioInputTokens = count("audio_input_tokens")
        imageInputTokens = count("image_input_tokens")
        videoInputTokens = count("video_input_tokens")
        audioOutputTokens = count("audio_output_tokens")
        imageOutputTokens = count("image_output_tokens")
    }

    /// Writes the counts as members of the object that is open: the first three always, the others where they are not 0.
    public func writeMembers(into writer: inout JSONWriter) {
        writer.member("input_tokens", inputTokens)
        writer.member("output_tokens", outputTokens)
        writer.member("cached_tokens", cachedTokens)
        if cacheCreationTokens > 0 { writer.member("cache_creation_tokens", cacheCreationTokens) }
        if longCacheTokens > 0 { writer.member("long_cache_tokens", longCacheTokens) }
        if reasoningTokens > 0 { writer.member("reasoning_tokens", reasoningTokens) }
        if audioInputTokens > 0 { writer.member("audio_input_tokens", audioInputTokens) }
        if imageInputTokens > 0 { writer.member("image_input_tokens", imageInputTokens) }
        if videoInputTokens > 0 { writer.member("video_input_tokens", videoInputTokens) }
        if audioOutputTokens > 0 { writer.member("audio_output_tokens", audioOutputTokens) }
        if imageOutputTokens > 0 { writer.member("image_output_tokens", imageOutputTokens) }
    }

    /// The object of the members that `writeMembers` writes.
    public var json: JSON {
        var object: JSONObject = [
            "input_tokens": .int(inputTokens), "output_tokens": .int(outputTokens), "cached_tokens": .int(cachedTokens),
        ]
        for (name, count) in parts where count > 0 { object[name] = .int(count) }
        return .object(object)
    }

    private var parts: [(String, Int)] {
        [
            ("cache_creation_tokens", cacheCreationTokens), ("long_cache_tokens", longCacheTokens), ("reasoning_tokens", reasoningTokens),
            ("audio_input_tokens", audioInputTokens), ("image_input_tokens", imageInputTokens), ("video_input_tokens", videoInputTokens),
            ("audio_output_tokens", audioOutputTokens), ("image_output_tokens", imageOutputTokens),
        ]
    }
}
