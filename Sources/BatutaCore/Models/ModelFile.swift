/// A file as a model sees it: a picture, a document, sound.
public struct ModelFile: Sendable, Hashable {
    public var name: String
    /// In lower case, without parameters: `image/png`.
    public var mediaType: String
    public var bytes: [UInt8]

    /// What a model has to be able to see. Raw values are words of batuta.yaml.
    public enum Kind: String, Sendable, CaseIterable {
        case image
        /// PDF.
        case document
        case audio
        case video

        /// nil for whatever no model takes as a file.
        public init?(mediaType: String) {
            switch mediaType {
            case "image/png", "image/jpeg", "image/gif", "image/webp": self = .image
            case "application/pdf": self = .document
            case "audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp3", "audio/ogg", "audio/flac", "audio/aac", "audio/mp4", "audio/webm":
                self = .audio
            case "video/mp4", "video/mpeg", "video/quicktime", "video/webm": self = .video
            default: return nil
            }
        }
    }

    public init(name: String, mediaType: String, bytes: [UInt8]) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
    }

    /// nil for whatever no model takes as a file.
    public var kind: Kind? { Kind(mediaType: mediaType) }
}
