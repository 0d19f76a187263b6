import BatutaCore
import Testing

@Suite struct FieldProblemTests {
    private static let schema: JSON = [
        "type": "object",
        "properties": [
            "campaign_id": ["type": "string", "pattern": "^[0-9]+$"], "budget": ["type": ["number", "null"], "maximum": 100],
            "days": ["type": "array", "items": ["enum": ["mon", "tue"]], "maxItems": 2],
            "owner": ["type": "object", "properties": ["email": ["type": "string", "format": "email"]], "required": ["email"]],
        ],
        "required": ["campaign_id"], "additionalProperties": false,
    ]

    @Test(
        arguments: [
            (["campaign_id": "1"], []), ([:], ["campaign_id is required"]),
            (["campaign_id": "x"], ["campaign_id does not have the expected form (^[0-9]+$)"]),
            (["budget": "much"], ["campaign_id is required", "budget must be a number"]),
            (["campaign_id": "1", "budget": 200], ["budget must be at most 100"]),
            (["campaign_id": "1", "days": ["mon", "sun"]], ["days.1 must be one of: mon, tue"]),
            (["campaign_id": "1", "days": ["mon", "tue", "mon"]], ["days must have at most 2 entries"]),
            (["campaign_id": "1", "owner": [:]], ["owner.email is required"]),
            (["campaign_id": "1", "owner": ["email": "x"]], ["owner.email must be an e-mail address"]),
            (["campaign_id": "1", "colour": "red"], ["colour is unknown"]), (1, [" must be an object"]),
        ] as [(JSON, [String])]
    )
    func `each field that does not fit is told once, by its place`(_ value: JSON, _ problems: [String]) throws {
        let found = try JSONSchema(Self.schema).fieldProblems(of: value)
        #expect(found.map { "\($0.path.joined(separator: ".")) \($0.words.english)" } == problems)
        #expect(found.allSatisfy { !$0.words.portuguese.isEmpty && $0.words.portuguese != $0.words.english })
    }
}
