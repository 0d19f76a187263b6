import BatutaCore

/// The front matter of skills/NAME/SKILL.md. Skills written for other programs load too: what is not known here is a warning.
struct SkillFile: Sendable {
    var name: Located<String>?
    var description: Located<String>?

    static let shape = Shape.record(
        SkillFile(),
        Words("a skill's front matter", "o cabeçalho de uma habilidade"),
        unknown: .warning,
        [
            Field(
                "name",
                \.name,
                .at(.name),
                Words("The skill's name; the folder's unless given.", "O nome da habilidade; sem ele vale o da pasta.")
            ),
            Field(
                "description",
                \.description,
                .at(.text(atMost: 2_000, orEmpty: false)),
                Words("What it is for and when to read it, for the model.", "Para que serve e quando ler, para o modelo saber."),
                required: true
            ),
            .unread("license", Words("Its licence.", "A licença.")),
            .unread("metadata", Words("Of other programs.", "De outros programas.")),
            .unread("allowed-tools", Words("Of other programs.", "De outros programas.")),
            .unread("compatibility", Words("Of other programs.", "De outros programas.")),
        ]
    )
}
