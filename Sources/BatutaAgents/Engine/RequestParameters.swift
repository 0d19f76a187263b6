import BatutaCore
import BatutaModels
import BatutaStorage
import Synchronization

/// What is the same for every model call of a run (system prompt, tools, model), as a blob that the log names.
///
/// Most runs of an agent have the same: it is written and hashed once for as long as the system prompt stays as it was.
final class RequestParameters: Sendable {
    private struct Made {
        var system: String
        var settings: ModelSettings
        var store: BlobStore
        var blob: PreparedBlob

        func answers(_ request: ModelRequest) -> Bool { system == request.system && settings == request.settings }
    }

    private let last = Mutex<Made?>(nil)

    func blob(for request: ModelRequest, in blobs: BlobStore) async throws(StorageError) -> PreparedBlob {
        if let made = last.withLock({ $0 }), made.store === blobs, made.answers(request) { return made.blob }
        let blob = try await blobs.prepare(Self.bytes(of: request))
        last.withLock { $0 = Made(system: request.system, settings: request.settings, store: blobs, blob: blob) }
        return blob
    }

    static func bytes(of request: ModelRequest) -> [UInt8] {
        var writer = JSONWriter(reserving: 2_048)
        writer.beginObject()
        writer.member("provider", request.settings.provider)
        writer.member("model", request.settings.model)
        writer.member("max_output_tokens", request.settings.maxOutputTokens)
        writer.member("system", request.system)
        writer.key("tools")
        writer.beginArray()
        for tool in request.tools { write(tool, into: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }

    private static func write(_ tool: ToolOffer, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", tool.name)
        writer.member("description", tool.description)
        writer.key("parameters")
        writer.raw(tool.parameters)
        writer.endObject()
    }
}
