public import BatutaCore

/// An event of the log: committed, numbered, never to change.
public struct LoggedEvent: Sendable {
    /// Counts 1, 2, 3 … in its session.
    public let number: Int64
    public let sessionID: SessionID
    public let runID: RunID?
    public let type: String
    public let at: Timestamp
    /// The members of the envelope that have no column, as one JSON object; a stretch of its row's bytes.
    let payload: ArraySlice<UInt8>
    /// What the event says, where its writer is at hand.
    private let written: EventData?

    init(
        number: Int64,
        sessionID: SessionID,
        runID: RunID?,
        type: String,
        at: Timestamp,
        payload: ArraySlice<UInt8>,
        written: EventData? = nil
    ) {
        self.number = number
        self.sessionID = sessionID
        self.runID = runID
        self.type = type
        self.at = at
        self.payload = payload
        self.written = written
    }

    /// What the event says: as it was written, or read back from its bytes.
    public func data() throws(RunsError) -> EventData {
        if let written { return written }
        do {
            let json = try JSON.parse(payload)
            return EventData(type: type, json: json["data"] ?? .null)
        } catch {
            let message = Words(
                "Event \(number) of \(sessionID) cannot be read: \(error). Restore the store from a backup.",
                "Não dá para ler o evento \(number) de \(sessionID): \(error). Restaure o armazenamento de um backup."
            )
            throw RunsError(.corrupt, message)
        }
    }

    /// The event's `text` in the reader's language (`pt-BR`, else English); nil for events without one.
    public func text(language: String) -> String? { EventText.text(for: self, language: language) }

    /// Whose event it is; nil when no agent's.
    public var agent: String? { (try? JSON.parse(payload))?["agent"]?.string }

    /// The run that asked for its run; nil for one that a person asked. Written first in every payload.
    public var parentRunID: RunID? {
        guard payload.starts(with: Self.parent) else { return nil }
        let id = payload.dropFirst(Self.parent.count).prefix { $0 != UInt8(ascii: "\"") }
        return RunID(trusted: String(decoding: id, as: UTF8.self))
    }

    private static let parent = Array("{\"parent_run_id\":\"".utf8)

    /// Whether a fork took it over from another session.
    public var isCopy: Bool { (try? JSON.parse(payload))?["copied_from"] != nil }

    /// The event's data when it can change whether its run is active; nil for the many that cannot.
    var stateChange: EventData? { type == "status" || type == "complete" || type == "error" ? try? data() : nil }

    /// The envelope of API §3 as one line of JSON, its words in the reader's language (`pt-BR`, else English).
    public func envelope(language: String) -> [UInt8] {
        var writer = JSONWriter(reserving: payload.count + 256)
        writer.beginObject()
        writer.member("id", number)
        writer.member("session_id", sessionID.rawValue)
        writer.member("run_id", runID.map { .string($0.rawValue) } ?? .null)
        writer.member("type", type)
        writer.member("at", at.rfc3339)
        var bytes = writer.bytes
        bytes.append(UInt8(ascii: ","))
        let payload = isEnclosed ? told(in: Language(tag: language)) : Self.unreadable[...]
        guard let text = EventText.text(for: self, language: language) else {
            bytes.append(contentsOf: payload.dropFirst())
            return bytes
        }
        bytes.append(contentsOf: payload.dropFirst().dropLast(2))
        bytes.append(contentsOf: Array(",\"text\":".utf8))
        bytes.append(contentsOf: JSON.string(text).bytes)
        bytes.append(contentsOf: Array("}}".utf8))
        return bytes
    }

    /// Whether the bytes can be what was written: the store may have lost them, and what a reader gets has to be JSON all the same.
    private var isEnclosed: Bool { payload.first == UInt8(ascii: "{") && payload.last == UInt8(ascii: "}") }
    private static let unreadable = Array(#"{"data":{"unreadable":true}}"#.utf8)

    /// The members that have no column, with what depends on the reader.
    private func told(in language: Language) -> ArraySlice<UInt8> {
        guard type == EventType.approval.rawValue, var members = (try? JSON.parse(payload))?.object, let data = members["data"] else {
            return payload
        }
        members["data"] = ApprovalData.told(data, language)
        return JSON.object(members).bytes[...]
    }
}
