public import BatutaCore

/// What a model is shown beside words: of what kinds, and how much of it providers charge for without counting tokens.
public struct ShownMedia: Sendable, Hashable {
    public private(set) var kinds: Set<ModelFile.Kind> = []
    public private(set) var pictures = 0
    /// Of sound and video, as long as it can be.
    public private(set) var milliseconds = 0

    public init() {}

    public init(_ turns: [ModelTurn]) {
        for case .shown(_, let files) in turns { for file in files { add(file) } }
    }

    /// Each picture and each second is charged for with every call that shows it.
    public var measures: MediaMeasures { MediaMeasures(images: pictures, milliseconds: milliseconds) }

    /// Tokens that pictures can count beyond what their part of a prompt's size stands for: the most that a provider's largest resolution takes.
    /// OpenAI counts gpt-4o-mini's tiles 33 times as dear as others' (OpenAI, "Images and vision", calculating costs).
    public func extraTokens(of model: String) -> Int {
        guard pictures > 0 else { return 0 }
        return pictures * (model.contains("gpt-4o-mini") ? 47_000 : 4_000)
    }

    private mutating func add(_ file: ModelFile) {
        guard let kind = file.kind else { return }
        kinds.insert(kind)
        switch kind {
        case .image: pictures += 1
        case .audio, .video: milliseconds += MediaLength.most(of: file)
        case .document: break
        }
    }
}

/// How long sound or video is.
enum MediaLength {
    /// Milliseconds: of WAV what its head says (RIFF, "fmt " and "data"), of anything else what its bytes hold at 32 kbit/s, which few go below.
    static func most(of file: ModelFile) -> Int {
        if file.mediaType.hasSuffix("wav"), let rate = byteRate(ofWave: file.bytes), rate > 0 { return file.bytes.count * 1_000 / rate }
        return file.bytes.count / 4
    }

    private static func byteRate(ofWave bytes: [UInt8]) -> Int? {
        guard bytes.count >= 44, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[12..<16].elementsEqual("fmt ".utf8) else { return nil }
        return (0..<4).reduce(0) { $0 | Int(bytes[28 + $1]) << (8 * $1) }
    }
}
