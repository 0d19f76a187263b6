/// A keyword of a schema that nobody knows and that differs by a letter or two from one that means something: `minLenght`, `properites`.
public struct MisspeltKeyword: Sendable, Hashable {
    /// JSON Pointer of the subschema that holds it.
    public var pointer: String
    public var name: String
    /// The keyword that was most likely meant.
    public var nearest: String

    static func all(in keywords: SchemaKeywords) -> [MisspeltKeyword] {
        keywords.object.members.compactMap { member in
            guard !known.contains(member.key), let nearest = nearest(to: member.key) else { return nil }
            return MisspeltKeyword(pointer: keywords.pointer.description, name: member.key, nearest: nearest)
        }
    }

    /// Closer than names elsewhere have to be: extensions such as `note` or `markdownDescription` are allowed.
    private static func nearest(to name: String) -> String? {
        guard (3...24).contains(name.utf8.count) else { return nil }
        let wanted = EditDistance.letters(name)
        let tolerated = wanted.count < 6 ? 1 : 2
        let near = checked.map { (distance: EditDistance.between(wanted, EditDistance.letters($0)), keyword: $0) }
        return near.filter { $0.distance <= tolerated }.min { $0 < $1 }?.keyword
    }

    /// Draft 2020-12, what older drafts said instead, and what other tools write into schemas (OpenAPI, editors).
    private static let known = Set(checked).union([
        "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$defs", "$comment", "$vocabulary", "$recursiveRef",
        "$recursiveAnchor", "id", "not", "if", "dependencies", "additionalItems", "example", "nullable", "discriminator", "xml",
        "externalDocs", "strict",
    ])

    /// Keywords that somebody would miss.
    private static let checked = [
        "allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas", "prefixItems", "items", "contains", "properties",
        "patternProperties", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "type", "enum", "const",
        "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
        "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required", "dependentRequired",
        "format",
        "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "contentEncoding", "contentMediaType",
        "contentSchema", "definitions",
    ]
}
