public import BatutaCore

/// JSON Schemas of the kinds of project files, for editors and `batuta schema KIND`: made of the same shapes that read the files.
public enum ProjectSchema {
    /// What `batuta schema` takes.
    public enum Kind: String, Sendable, CaseIterable {
        /// batuta.yaml
        case project
        /// The front matter of agents/NAME.md
        case agent
        /// teams/NAME.yaml
        case team
        /// tools/NAME.yaml
        case tool
        /// policies/NAME.yaml
        case policy
        /// The front matter of prompts/NAME.md
        case prompt
        /// rehearsals/NAME.yaml
        case rehearsal
        /// schedules/NAME.yaml
        case schedule
        /// The front matter of skills/NAME/SKILL.md
        case skill
    }

    /// JSON Schema 2020-12 of a kind of file.
    ///
    /// - Parameter language: of the descriptions that editors show.
    public static func json(kind: Kind, language: Language) -> JSON {
        let (schema, title) = described(kind)
        var members: [(String, JSON)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .string(title(language))),
        ]
        for member in schema(language).object ?? [:] { members.append((member.key, member.value)) }
        return .object(JSONObject(members))
    }

    private static func described(_ kind: Kind) -> (FileSchema, Words) {
        switch kind {
        case .project: (ProjectFile.shape.schema, Words("batuta.yaml", "batuta.yaml"))
        case .agent: (AgentFile.shape.schema, Words("Front matter of agents/NAME.md", "Cabeçalho de agents/NOME.md"))
        case .team: (TeamFile.shape.schema, Words("teams/NAME.yaml", "teams/NOME.yaml"))
        case .tool: (ToolFile.shape.schema, Words("tools/NAME.yaml", "tools/NOME.yaml"))
        case .policy: (PolicyFile.shape.schema, Words("policies/NAME.yaml", "policies/NOME.yaml"))
        case .prompt: (PromptFile.shape.schema, Words("Front matter of prompts/NAME.md", "Cabeçalho de prompts/NOME.md"))
        case .schedule: (ScheduleFile.shape.schema, Words("schedules/NAME.yaml", "schedules/NOME.yaml"))
        case .skill: (SkillFile.shape.schema, Words("Front matter of skills/NAME/SKILL.md", "Cabeçalho de skills/NOME/SKILL.md"))
        case .rehearsal: (RehearsalFile.shape.schema, Words("rehearsals/NAME.yaml", "rehearsals/NOME.yaml"))
        }
    }
}
