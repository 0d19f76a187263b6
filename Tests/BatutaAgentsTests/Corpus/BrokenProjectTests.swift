import BatutaAgents
import BatutaCore
import Testing

@Suite struct BrokenProjectTests {
    private func load(_ project: BrokenProject) -> ProjectLoad { Project.load(files: project.files.mapValues { Array($0.utf8) }) }

    /// What is said of every project with schedules and channels.
    private static let always: Set<String> = Set(
        Project.load(files: BrokenProject.base.files.mapValues { Array($0.utf8) }).problems.map(\.message.english)
    )

    @Test func `the base is whole, and the corpus is there`() {
        let load = load(BrokenProject.base)
        #expect(load.project != nil && load.problems.errors.isEmpty, "\(load.report(.english))")
        #expect(Self.always.count == 3, "\(load.report(.english))")
        #expect(BrokenProject.all.count >= 120)
    }

    @Test(arguments: BrokenProject.all)
    func `S0.25 each mistake is told once, with file, line and what to do, in both languages`(_ project: BrokenProject) {
        let load = load(project)
        let told = load.problems.filter { !Self.always.contains($0.message.english) }
        #expect(!project.expected.isEmpty)
        for expected in project.expected {
            #expect(expected.place.wholeMatch(of: /[^:]+\.(yaml|md|py):[1-9][0-9]*:/) != nil, "\(expected.place) is no file with a line")
            #expect(!expected.english.isEmpty, "nothing is expected in words at \(expected.place)")
        }
        #expect(told.count == project.expected.count, "\(told.report(.english))")
        var rest = told
        for expected in project.expected {
            let index = rest.firstIndex { problem in
                let (english, portuguese) = (problem.text(.english), problem.text(.portuguese))
                return english.hasPrefix(expected.place) && english.contains(expected.english) && portuguese.contains(expected.portuguese)
            }
            if let index {
                rest.remove(at: index)
            } else {
                Issue.record("not told: \(expected); told:\n\(told.report(.english))\(told.report(.portuguese))")
            }
        }
        #expect(told.allSatisfy { $0.message.english != $0.message.portuguese }, "\(told.report(.portuguese))")
        #expect((load.project == nil) == !load.problems.errors.isEmpty)
    }
}
