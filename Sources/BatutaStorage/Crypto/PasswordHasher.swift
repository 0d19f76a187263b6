import CArgon2
import Synchronization

/// Argon2id hashes of passwords, in their encoded form (RFC 9106), by libargon2.
///
/// A hash takes some 100 ms and 64 MiB on purpose, so it is computed on two threads of its own at most; they start with the first
/// password and end with the hasher. Who has to wait behind too many others is refused with `overloaded`.
public final class PasswordHasher: Sendable {
    private typealias Work = @Sendable () -> Void

    private let mailbox = Mailbox<Work>(maximumCount: 32)
    private let threads = Mutex(0)
    private static let mostThreads = 2

    /// RFC 9106 §4, the second recommended option, with one lane: the threads are ours.
    private static let cost = batuta_argon2_cost(memory: 64 * 1_024, passes: 3)

    /// Of a password that nobody knows, at the same cost.
    package static let nobody = "$argon2id$v=19$m=65536,t=3,p=1$OUrE1B7j7VLCDQXFNS8GDw$jmnxvCxIfusjSwuczdcNOB/G5sgqe1G/BEFqt8u0FV0"

    public init() {}

    deinit { mailbox.close() }

    /// The hash to store, with a salt of its own.
    public func hash(_ password: String) async throws -> String {
        let salt = Digest.randomBytes(16)
        let hash = try await perform { Self.hash(Array(password.utf8), salt) }
        guard let hash else { throw StorageError(.overloaded, "there is no memory to hash a password; try again in a moment") }
        return hash
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, and takes as long.
    public func verify(_ password: String, against hash: String?) async throws -> Bool {
        let isRight = try await perform { Self.verify(Array(password.utf8), hash ?? Self.nobody) }
        return isRight && hash != nil
    }

    /// The version of the algorithm, for people.
    public static var version: String {
        let version = batuta_argon2_version()
        return "Argon2id \(version >> 4).\(version & 15)"
    }

    private func perform<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws -> Result {
        try startThread()
        return try await withCheckedThrowingContinuation { continuation in
            guard case .accepted = mailbox.put({ continuation.resume(returning: work()) }) else {
                return continuation.resume(throwing: StorageError(.overloaded, "too many passwords wait; try again in a moment"))
            }
        }
    }

    private func startThread() throws(StorageError) {
        let isNeeded = threads.withLock { count in
            guard count < Self.mostThreads else { return false }
            count += 1
            return true
        }
        guard isNeeded else { return }
        let mailbox = mailbox
        do {
            try WorkerThread("batuta-argon2") { while let work = mailbox.takeOne() { work() } }.detach()
        } catch {
            threads.withLock { $0 -= 1 }
            throw error
        }
    }

    private static func hash(_ password: [UInt8], _ salt: [UInt8]) -> String? {
        let encoded = [CChar](unsafeUninitializedCapacity: 256) { buffer, filled in
            let done = password.withUnsafeBytes { password in
                salt.withUnsafeBytes { salt in
                    batuta_argon2id_hash(
                        password.baseAddress,
                        password.count,
                        salt.baseAddress,
                        salt.count,
                        cost,
                        buffer.baseAddress,
                        buffer.count
                    )
                }
            }
            filled = done == 1 ? buffer.firstIndex(of: 0) ?? 0 : 0
        }
        return encoded.isEmpty ? nil : String(decoding: encoded.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func verify(_ password: [UInt8], _ encoded: String) -> Bool {
        password.withUnsafeBytes { batuta_argon2id_verify(encoded, $0.baseAddress, $0.count) == 1 }
    }
}
