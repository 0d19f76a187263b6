/// Counts what one evaluation uses, and ends it as an error.
struct EvaluationMeter {
    private let limits: ExpressionLimits
    private var steps = 0
    private var bytes = 0
    private var elements = 0

    init(_ limits: ExpressionLimits) { self.limits = limits }

    mutating func step() throws(ExpressionError) { try step(1) }

    mutating func step(_ count: Int) throws(ExpressionError) {
        guard count <= limits.steps - steps else {
            throw ExpressionError(
                .costExceeded,
                Words("the expression takes more than \(limits.steps) steps", "a expressão gasta mais de \(limits.steps) passos")
            )
        }
        steps += count
    }

    /// An operator reads a text of this size.
    mutating func read(bytes count: Int) throws(ExpressionError) { try step(count / 256) }

    /// An operator reads the value, if it is a text.
    mutating func read(_ value: CELValue) throws(ExpressionError) {
        if case .string(let text) = value { try read(bytes: text.utf8.count) }
    }

    /// An operator makes a text of this size.
    mutating func make(bytes count: Int) throws(ExpressionError) {
        try read(bytes: count)
        guard count <= limits.bytes - bytes else {
            throw ExpressionError(
                .tooLarge,
                Words(
                    "the expression makes more than \(limits.bytes) bytes of text",
                    "a expressão produz mais de \(limits.bytes) bytes de texto"
                )
            )
        }
        bytes += count
    }

    /// An operator makes a list or map with so many elements.
    mutating func make(elements count: Int) throws(ExpressionError) {
        guard count <= limits.elements - elements else {
            throw ExpressionError(
                .tooLarge,
                Words(
                    "the expression makes more than \(limits.elements) elements of lists and maps",
                    "a expressão produz mais de \(limits.elements) elementos de listas e mapas"
                )
            )
        }
        elements += count
    }
}
