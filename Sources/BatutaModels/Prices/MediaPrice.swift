import BatutaCore

/// What a model costs for sound and pictures, where that is not the price of text.
public struct MediaPrice: Sendable, Hashable {
    // Picodollars per token; nil: as the text of its side.
    let audioInput: Int64?
    let imageInput: Int64?
    let videoInput: Int64?
    let audioOutput: Int64?
    let imageOutput: Int64?
    // Millionths of a dollar for each.
    let image: Int64
    let second: Int64
    let minute: Int64

    /// - Parameters:
    ///   - audioInput, imageInput, videoInput, audioOutput, imageOutput: US dollars per million tokens.
    ///   - image, second, minute: US dollars for each image, and for each second or minute of sound or video.
    public init(
        audioInput: Double? = nil,
        imageInput: Double? = nil,
        videoInput: Double? = nil,
        audioOutput: Double? = nil,
        imageOutput: Double? = nil,
        image: Double = 0,
        second: Double = 0,
        minute: Double = 0
    ) {
        self.audioInput = audioInput.map(ModelPrice.exact)
        self.imageInput = imageInput.map(ModelPrice.exact)
        self.videoInput = videoInput.map(ModelPrice.exact)
        self.audioOutput = audioOutput.map(ModelPrice.exact)
        self.imageOutput = imageOutput.map(ModelPrice.exact)
        self.image = ModelPrice.exact(image)
        self.second = ModelPrice.exact(second)
        self.minute = ModelPrice.exact(minute)
    }

    /// The dearest token of what a model is shown; pages of a document are read as pictures.
    func mostInput(of kinds: Set<ModelFile.Kind>) -> Int64 {
        var prices: [Int64?] = []
        if !kinds.isDisjoint(with: [.image, .document]) { prices.append(imageInput) }
        if !kinds.isDisjoint(with: [.audio, .video]) { prices.append(audioInput) }
        if kinds.contains(.video) { prices.append(videoInput) }
        return prices.compactMap(\.self).max() ?? 0
    }

    /// The dearest token that a model may make.
    var mostOutput: Int64 { max(audioOutput ?? 0, imageOutput ?? 0) }

    func add(_ measures: MediaMeasures, to sum: inout ExactSum) {
        sum.add(measures.images, image * 1_000_000)
        // Picodollars for a millisecond.
        sum.add(measures.milliseconds, second * 1_000)
        sum.add(measures.milliseconds, minute * 1_000 / 60)
    }
}

/// What a provider charges for without counting tokens.
public struct MediaMeasures: Sendable, Hashable {
    public var images: Int
    /// Of sound or video.
    public var milliseconds: Int

    public init(images: Int = 0, milliseconds: Int = 0) {
        self.images = images
        self.milliseconds = milliseconds
    }
}
