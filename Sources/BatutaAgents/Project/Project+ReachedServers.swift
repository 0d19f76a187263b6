import BatutaCore
public import BatutaTools

extension Project {
    /// The servers whose tools a run of a target can come to call, itself or through whoever works for it, in the order of the file. Facts of
    /// policies are asked for in any run.
    ///
    /// - Parameter target: As a message names it; nil is the project's own.
    public func toolServers(reachedBy target: String?) -> [MCPServerDefinition] {
        var walk = ToolWalk(project: self)
        walk.targets = [target ?? defaultTarget].compactMap(\.self)
        walk.tools = policies.flatMap { $0.facts.map(\.tool) }
        let names = walk.servers()
        return toolServers.filter { names.contains($0.name) }
    }
}

/// Goes from targets to their tools, and from tools to what those need: each once.
private struct ToolWalk {
    let project: Project
    var targets: [String] = []
    var tools: [String] = []
    private var met: Set<String> = []
    private var found: Set<String> = []

    init(project: Project) { self.project = project }

    mutating func servers() -> Set<String> {
        while true {
            if let target = targets.popLast() {
                if met.insert("target " + target).inserted { add(target: target) }
            } else if let tool = tools.popLast() {
                if met.insert(tool).inserted { add(tool: tool) }
            } else {
                return found
            }
        }
    }

    private mutating func add(target: String) {
        let name = String(target.drop { $0 != ":" }.dropFirst())
        let bare = name.isEmpty ? target : name
        if !target.hasPrefix("team:"), let agent = project.agents[bare] { return tools += agent.tools }
        guard !target.hasPrefix("agent:"), let team = project.teams[bare] else { return }
        tools += team.tools
        targets += team.members.map(\.target) + [team.leader].compactMap(\.self)
    }

    private mutating func add(tool: String) {
        if tool.hasPrefix("mcp:") {
            let server = String(tool.dropFirst(4).prefix { $0 != "/" })
            found.insert(server)
            let rules = project.toolServers.first { $0.name == server }?.rules ?? []
            return tools += rules.compactMap(\.settlement?.tool)
        }
        tools += project.tools.filter { $0.definition.name == tool }.compactMap(\.settlement?.tool)
        tools += project.sqlTools.filter { $0.definition.name == tool }.compactMap(\.settlement?.tool)
        tools += project.pythonTools.filter { $0.definition.name == tool }.compactMap(\.settlement?.tool)
        targets += project.agentTools.filter { $0.definition.name == tool }.map(\.target)
    }
}
