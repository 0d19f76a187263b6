import Glibc

/// A block with variants that are compared with each other (PROJECT.md, `prompts/NAME@VARIANT.md`).
public struct PromptChoice: Sendable {
    public var prompt: String
    public var options: [Option]

    public struct Option: Sendable {
        /// `default` is the block itself.
        public var variant: String
        /// How often it is chosen, against the others' weights; 0 is never.
        public var weight: Int
        public var parts: [PromptTemplate.Part]

        public init(variant: String, weight: Int, parts: [PromptTemplate.Part]) {
            self.variant = variant
            self.weight = weight
            self.parts = parts
        }
    }

    /// The block itself among its variants.
    public static let ownVariant = "default"

    public init(prompt: String, options: [Option]) {
        self.prompt = prompt
        self.options = options
    }

    /// The option of a name; one that is not there any more is answered with the heaviest.
    func option(_ variant: String?) -> Option? {
        options.first { $0.variant == variant } ?? options.max { $0.weight < $1.weight }
    }

    /// Which variant somebody has: always the same, until weights change; then only as many people change as the weights say (rendezvous
    /// hashing with weights, Schindelhauer and Schomaker 2005).
    ///
    /// - Returns: nil when no option weighs anything.
    public func variant(for user: String, tenant: String = "default") -> String? {
        var best: (variant: String, score: Double)?
        for option in options where option.weight > 0 {
            let score = -log(Self.unit([tenant, prompt, user, option.variant])) / Double(option.weight)
            if score < best?.score ?? .infinity { best = (option.variant, score) }
        }
        return best?.variant
    }

    /// A number between 0 and 1 that depends on the words only: FNV-1a, with the finalizer of MurmurHash3 so that similar words differ.
    private static func unit(_ words: [String]) -> Double {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for word in words {
            for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return (Double(hash >> 11) + 0.5) / Double(1 << 53 as UInt64)
    }
}

extension PromptTemplate {
    /// Which variant of each of its prompts somebody has; empty where nothing has variants.
    public func variants(for user: String, tenant: String = "default") -> [String: String] {
        var chosen: [String: String] = [:]
        Self.choose(from: parts, user, tenant, &chosen)
        return chosen
    }

    /// Only what a chosen option includes counts: the rest is not in the prompt.
    private static func choose(from parts: [Part], _ user: String, _ tenant: String, _ chosen: inout [String: String]) {
        for case .choice(let choice) in parts {
            let variant = chosen[choice.prompt] ?? choice.variant(for: user, tenant: tenant)
            guard let variant, let option = choice.option(variant) else { continue }
            chosen[choice.prompt] = variant
            choose(from: option.parts, user, tenant, &chosen)
        }
    }
}
