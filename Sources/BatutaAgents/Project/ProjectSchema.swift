public import BatutaCore

/// JSON Schemas of the kinds of project files, for editors and `batuta schema KIND`: made of the same shapes that read the files.
public enum ProjectSchema {
    /// What `batuta schema` takes.
    public enum Kind: String, Sendable, CaseIterable {
        /// batuta.yaml
        case project
        /// The front matter of agents/NAME.md
        case agent
        /// tools/NAME.yaml
        case tool
        /// The front matter of prompts/NAME.md
        case prompt
        /// rehearsals/NAME.yaml
        case rehearsal
    }

    /// JSON Schema 2020-12 of a kind of file.
    public static func json(kind: Kind) -> JSON {
        let (shape, title) = described(kind)
        var members: [(String, JSON)] = [("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .string(title))]
        for member in shape.object ?? [:] { members.append((member.key, member.value)) }
        return .object(JSONObject(members))
    }

    private static func described(_ kind: Kind) -> (JSON, String) {
        switch kind {
        case .project: (ProjectFile.shape.schema, "batuta.yaml")
        case .agent: (AgentFile.shape.schema, "Front matter of agents/NAME.md")
        case .tool: (ToolFile.shape.schema, "tools/NAME.yaml")
        case .prompt: (PromptFile.shape.schema, "Front matter of prompts/NAME.md")
        case .rehearsal: (RehearsalFile.shape.schema, "rehearsals/NAME.yaml")
        }
    }
}
