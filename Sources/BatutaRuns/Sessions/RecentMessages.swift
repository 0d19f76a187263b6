public import BatutaCore
import Synchronization

/// The ends of conversations that this node has just written or read, so that the next message of a long one need not be looked up again.
///
/// Messages never change and never get another parent, so what is here is true; it may only lack something, and then the store is asked.
/// Bounded: two generations of which the older goes when the younger is full.
public final class RecentMessages: Sendable {
    /// Messages and bytes of one conversation.
    fileprivate static let longest = (messages: 96, bytes: 48 << 10)
    /// Bytes of a generation.
    fileprivate static let generation = 2 << 20
    /// What a conversation, or a message, takes beside its text.
    fileprivate static let frame = 256

    fileprivate struct Conversation {
        /// Each is the parent of the next.
        var chain: [Message] = []
        var bytes = 0
        /// The fence under which nothing was in doubt; nil when that is not known.
        var isClear: Int64?
        /// Something was left in doubt: the store is asked from now on.
        var isDoubted = false
    }

    fileprivate struct State {
        var young: [SessionID: Conversation] = [:]
        var old: [SessionID: Conversation] = [:]
        var bytes = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// What was committed, in order.
    func note(_ messages: [Message], in session: SessionID) {
        guard !messages.isEmpty else { return }
        state.withLock { state in
            state.change(session) { conversation in
                for message in messages { conversation.add(message) }
            }
        }
    }

    /// What was read from the store.
    func remember(_ messages: [Message], in session: SessionID) {
        guard let last = messages.last else { return }
        state.withLock { state in
            state.change(session) { conversation in
                let later = conversation.chain.lastIndex { $0.id == last.id }.map { conversation.chain[($0 + 1)...] } ?? []
                conversation.replace(with: messages + later)
            }
        }
    }

    /// A summary up to a message was committed.
    func note(summary: String, through message: MessageID, in session: SessionID) {
        state.withLock { state in
            state.change(session) { conversation in
                guard let index = conversation.chain.lastIndex(where: { $0.id == message }) else { return }
                conversation.chain[index].summary = summary
            }
        }
    }

    /// The same as `MessageStore.recent`; nil when something of it is not here.
    func recent(_ session: SessionID, endingAt last: MessageID, keeping: Int, limit: Int) -> [Message]? {
        state.withLock { state in
            guard let chain = state.conversation(session)?.chain, let end = chain.lastIndex(where: { $0.id == last }) else { return nil }
            var start = end, isSummed = chain[end].summary != nil
            while end - start + 1 < (isSummed ? keeping : limit), chain[start].parent != nil {
                guard start > 0 else { return nil }
                start -= 1
                isSummed = isSummed || chain[start].summary != nil
            }
            return Array(chain[start...end])
        }
    }

    public func forget(_ session: SessionID) {
        state.withLock { state in
            state.young[session] = nil
            state.old[session] = nil
        }
    }

    // MARK: Doubts

    /// Whether nothing in the conversation is in doubt, as far as is known under this fence.
    public func isClear(_ session: SessionID, fence: Int64) -> Bool { state.withLock { $0.conversation(session)?.isClear == fence } }

    /// The store was asked and knows of none.
    public func noteClear(_ session: SessionID, fence: Int64) {
        state.withLock { state in state.change(session) { if !$0.isDoubted { $0.isClear = fence } } }
    }

    /// Something is about to be left in doubt.
    public func noteDoubt(_ session: SessionID) {
        state.withLock { state in
            state.change(session) { conversation in
                conversation.isClear = nil
                conversation.isDoubted = true
            }
        }
    }
}

extension RecentMessages.State {
    fileprivate func conversation(_ session: SessionID) -> RecentMessages.Conversation? { young[session] ?? old[session] }

    /// Whatever is used becomes young again.
    fileprivate mutating func change(_ session: SessionID, _ body: (inout RecentMessages.Conversation) -> Void) {
        if let place = young.index(forKey: session) {
            bytes -= young.values[place].bytes
            body(&young.values[place])
            bytes += young.values[place].bytes
        } else {
            var conversation = (old.isEmpty ? nil : old.removeValue(forKey: session)) ?? RecentMessages.Conversation()
            body(&conversation)
            bytes += conversation.bytes + RecentMessages.frame
            young[session] = conversation
        }
        guard bytes > RecentMessages.generation else { return }
        old = young
        young = [:]
        bytes = 0
    }
}

extension RecentMessages.Conversation {
    /// Of a message whose parent is not here nothing is kept: what is missing would have to be read.
    fileprivate mutating func add(_ message: Message) {
        if let last = chain.last, last.id == message.parent, chain.count < RecentMessages.longest.messages {
            chain.append(message)
            bytes += message.content.utf8.count + RecentMessages.frame
            if bytes > RecentMessages.longest.bytes { replace(with: chain) }
        } else if message.parent == nil {
            replace(with: [message])
        } else if let parent = chain.lastIndex(where: { $0.id == message.parent }) {
            replace(with: chain[...parent] + [message])
        } else {
            replace(with: [])
        }
    }

    fileprivate mutating func replace(with messages: [Message]) {
        chain = messages
        bytes = messages.reduce(0) { $0 + $1.content.utf8.count + RecentMessages.frame }
        var gone = 0
        while chain.count - gone > RecentMessages.longest.messages || bytes > RecentMessages.longest.bytes, gone < chain.count {
            bytes -= chain[gone].content.utf8.count + RecentMessages.frame
            gone += 1
        }
        chain.removeFirst(gone)
    }
}
