public import BatutaCore

/// What the engine answers when it cannot take work.
public struct EngineError: Error, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: Words
    /// The arguments that are wrong with `invalidArguments`, the fields of the message with `invalidRequest` and `unsupportedMedia`, the change
    /// that does not fit with `invalidChange`.
    public var fields: [FieldProblem]

    /// Raw values are API.
    public enum Code: String, Sendable, CaseIterable {
        case unknownTarget = "unknown_target"
        case notFound = "not_found"
        case draining
        case overloaded
        case unknownMessage = "unknown_message"
        /// Only a user's message can be edited.
        case notEditable = "not_editable"
        /// A field of a message or a session does not fit.
        case invalidRequest = "invalid_request"
        /// The agent's model does not take what is shown.
        case unsupportedMedia = "unsupported_media"
        case invalidArguments = "invalid_arguments"
        /// A policy denies the call with the arguments that a human put in.
        case refusedByPolicy = "refused_by_policy"
        case alreadyDecided = "already_decided"
        case expired
        /// Nothing can be asked of a run that has ended.
        case runEnded = "run_ended"
        /// A run cannot be forked there.
        case unknownEvent = "unknown_event"
        /// A member's run is part of its team's, and forked with that.
        case notForkable = "not_forkable"
        /// What a graph decides is not decided anew by another version.
        case notComparable = "not_comparable"
        /// What a fork is to do otherwise does not fit.
        case invalidChange = "invalid_change"
        /// The version that a run began with cannot be loaded any more.
        case projectUnavailable = "project_unavailable"
    }

    public init(_ code: Code, _ message: Words, fields: [FieldProblem] = []) {
        self.code = code
        self.message = message
        self.fields = fields
    }

    /// For logs, which are in English.
    public var description: String { "\(code.rawValue): \(message.english)" }
}
