import BatutaAgents
import BatutaCore
import BatutaStorage
import BatutaTelemetry
import BatutaTools

extension ProjectCompiler {
    /// The tools that run SQL, with connections that versions of the project share as long as nothing about them changes.
    func sqlTools(of project: Project, _ circumstances: ProjectCircumstances, _ secrets: CurrentSecrets) throws -> [any Tool] {
        guard !project.sqlTools.isEmpty else { return [] }
        let services = SQLToolServices(secrets: secrets, clock: clock, breakers: breakers)
        let open = project.databases.compactMapValues { database(of: $0, circumstances) }
        return try project.sqlTools.map { try SQLTool($0, database: open[$0.database], services: services) }
    }

    /// nil when its address is not there, or is none.
    private func database(of definition: DatabaseDefinition, _ circumstances: ProjectCircumstances) -> QueryDatabase? {
        guard let url = circumstances.environment.render(definition.url), let place = QueryPlace(url) else { return nil }
        known.add([place.password].compactMap { $0 })
        return databases.database(
            QueryDatabase.Configuration(
                place: place.within(folder),
                minimum: definition.minimumConnections,
                maximum: definition.maximumConnections
            )
        )
    }
}
