import BatutaCore
import BatutaStorage
import BatutaTesting
import Foundation
import Testing

/// What a file of SQLite says of statements that nobody runs.
@Suite(.timeLimit(.minutes(5))) struct StatementExaminationTests {
    private static func file(in folder: TemporaryFolder) async throws -> String {
        let path = folder.path + "/clinic.db"
        try Data().write(to: URL(fileURLWithPath: path))
        let database = QueryDatabase(.init(place: .sqlite(path), minimum: 0, maximum: 1))
        for sql in ["create table patients (id integer primary key, name text)", "insert into patients values (1, 'Ana')"] {
            _ = try await database.perform(Query(try NamedQuery(sql), values: [], isReadOnly: false, timeout: .seconds(20)))
        }
        return path
    }

    @Test(
        arguments: [
            ("select name from patients where id = :id", true, nil, 0),
            ("insert into patients (name) values (:name)", false, nil, 0),
            ("delete from patients", false, nil, 0),
            ("select nam from patients", true, "no such column: nam", 1),
            ("select name\nfrom patient\nwhere id = :id", true, "no such table: patient", 1),
            ("select name\nfrom patients\nwhere wher id = :id", true, "near \"id\": syntax error", 3),
            ("select name from patients where id = ?", true, "parameters without a name", 1),
            ("delete from patients", true, "the tool's effect is read", 1),
        ] as [(String, Bool, String?, Int)]
    )
    func `a statement is taken, or refused with the database's words and the line`(
        _ sql: String,
        _ isReadOnly: Bool,
        _ words: String?,
        _ line: Int
    ) async throws {
        let folder = TemporaryFolder()
        let examination = try StatementExamination(file: try await Self.file(in: folder))
        let finding = examination.finding(on: try NamedQuery(sql), isReadOnly: isReadOnly)
        #expect((finding == nil) == (words == nil), "\(String(describing: finding))")
        if let words { #expect(finding?.words.contains(words) == true && finding?.line == line, "\(String(describing: finding))") }
    }

    @Test func `nothing is written`() async throws {
        let folder = TemporaryFolder()
        let path = try await Self.file(in: folder)
        do {
            let examination = try StatementExamination(file: path)
            #expect(examination.finding(on: try NamedQuery("delete from patients"), isReadOnly: false) == nil)
            #expect(examination.finding(on: try NamedQuery("create table t (x)"), isReadOnly: false) == nil)
        }
        let database = QueryDatabase(.init(place: .sqlite(path), minimum: 0, maximum: 1))
        let count = Query(try NamedQuery("select count(*) as n from patients"), values: [], isReadOnly: true, timeout: .seconds(20))
        #expect(try await database.perform(count).rows == [["n": 1]])
    }

    @Test func `a file that is not there, or is no database, is told as that`() throws {
        let folder = TemporaryFolder()
        let absent = #expect(throws: QueryFailure.self) { _ = try StatementExamination(file: folder.path + "/none.db") }
        #expect(absent?.reason == .unreachable && absent?.words == "its file is not there")
        let path = folder.path + "/text.db"
        try Data(String(repeating: "This is no database. ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
        let other = #expect(throws: QueryFailure.self) { _ = try StatementExamination(file: path) }
        #expect(other?.reason == .server && other?.words.contains("not a database") == true)
    }
}
