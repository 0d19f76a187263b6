/// An expression in CEL, the Common Expression Language: read once, evaluated often.
///
/// The language is CEL's without messages and type declarations: literals, lists, maps, operators, `has`, `all`, `exists`, `exists_one`,
/// `map`, `filter`, the standard functions, the string extension, some of `math`, and `number(x, 2)` and `money(x, 'BRL')` in the
/// reader's language. Numbers from JSON are doubles that keep their digits until they are calculated with.
/// Regular expressions run on RE2. Neither reading nor evaluating a hostile expression traps or runs away (`ExpressionLimits`).
public struct Expression: Sendable {
    /// The text that was read, without the `${` and `}` of a template.
    public let source: String
    /// The free top-level names; variables of macros and names of types are none.
    public let names: Set<String>
    /// The free names in the order of the source, each with the fixed members behind it.
    public let paths: [ExpressionPath]
    let root: ExpressionNode
    /// Where the source begins in the text that it was taken from.
    let origin: SourceLocation

    /// - Throws: `ExpressionError` with codes `syntax`, `unknownFunction`, `invalidArgument` (a pattern), `overflow`, `tooComplex`.
    public init(_ source: String) throws(ExpressionError) {
        let bytes = Array(source.utf8)
        try self.init(bytes, in: 0..<bytes.count, origin: SourceLocation())
    }

    /// Reads a part of a text; places in errors are places in the text.
    init(_ text: [UInt8], in range: Range<Int>, origin: SourceLocation) throws(ExpressionError) {
        do throws(ExpressionLexer.Failure) {
            var parser = try ExpressionParser(Array(text[range]), in: 0..<range.count)
            root = try parser.parseAll()
            source = String(decoding: text[range], as: UTF8.self)
            self.origin = origin
            paths = parser.uses.uses.map { use in
                let place = origin.advanced(over: text[range].prefix(use.offset))
                return ExpressionPath(names: use.names, location: place, isTested: use.isTested)
            }
            names = Set(paths.map(\.root))
        } catch {
            throw ExpressionError(error.code, error.message, at: origin.advanced(over: text[range].prefix(error.offset)))
        }
    }

    /// The value for these names.
    ///
    /// Runs on the calling thread, in at most `scope.limits.steps` steps.
    public func evaluate(in scope: ExpressionScope) throws(ExpressionError) -> JSON {
        do throws(ExpressionError) {
            var evaluator = Evaluator(scope)
            return try evaluator.evaluate(root).json(limit: scope.limits.resultBytes)
        } catch {
            throw placed(error)
        }
    }

    /// Whether the condition holds.
    ///
    /// - Throws: `notBoolean` for any other value: there is no truth of numbers, texts or null.
    public func condition(in scope: ExpressionScope) throws(ExpressionError) -> Bool {
        do throws(ExpressionError) {
            var evaluator = Evaluator(scope)
            let value = try evaluator.evaluate(root)
            guard case .bool(let flag) = value else {
                throw ExpressionError(.notBoolean, .noCondition(value.typeWord))
            }
            return flag
        } catch {
            throw placed(error)
        }
    }

    /// The value, or nil when the whole expression is a path such as `params.note` to a member that is absent.
    ///
    /// Only roots in `scope.optionalRoots` may have absent members; any other absence is an error.
    public func evaluateIfPresent(in scope: ExpressionScope) throws(ExpressionError) -> JSON? {
        do throws(ExpressionError) {
            return try evaluate(in: scope)
        } catch {
            if error.code == .noSuchKey, let path = root.plainPath, scope.optionalRoots.contains(path[0]), !scope.isLazy(path[0]) {
                return nil
            }
            throw error
        }
    }

    /// Reports names that are not offered where the expression stands, each with the name that was probably meant.
    public func problems(allowing names: Set<String>) -> [ExpressionError] {
        paths.filter { !names.contains($0.root) }.map { path in
            let near = nearestNames(to: path.root, among: names.sorted(), limit: 1).first
            let listed = names.sorted().joined(separator: ", ")
            let offered =
                names.isEmpty
                ? Words("; no names are offered here", "; aqui não há nomes para usar")
                : Words("; offered here: \(listed)", "; aqui existem: \(listed)")
            return ExpressionError(.unknownName, .unknownName(path.root) + (near == nil ? offered : .meant(near)), at: path.location)
        }
    }

    /// Errors of the evaluator carry an offset in the source; here they get their place.
    private func placed(_ error: ExpressionError) -> ExpressionError {
        guard let offset = error.location?.offset else { return error }
        var placed = error
        placed.location = origin.advanced(over: source.utf8.prefix(offset))
        return placed
    }
}

extension Words {
    static func unknownName(_ name: String) -> Words { Words("unknown name `\(name)`", "não existe o nome `\(name)`") }
}

extension Expression: Hashable, CustomStringConvertible {
    public static func == (left: Expression, right: Expression) -> Bool {
        left.source.isExactly(right.source) && left.origin == right.origin
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(source)) }

    public var description: String { source }
}
