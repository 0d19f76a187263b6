import Glibc
import Testing

@testable import BatutaCore

@Suite struct ExpressionDocumentationTests {
    private static func page() throws -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let file = try #require(fopen("\(root)/docs/guides/expressions.md", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test func `every function and macro is documented`() throws {
        let page = try Self.page()
        for function in ExpressionFunction.allCases { #expect(page.contains("\(function.rawValue)("), "\(function.rawValue)") }
        for macro in ["all", "exists", "exists_one", "filter", "map", "has"] { #expect(page.contains("\(macro)("), "\(macro)") }
    }

    @Test func `the documented limits are the limits`() throws {
        let page = try Self.page()
        #expect(page.contains("\(ExpressionParser.deepestNesting) levels of nesting, \(ExpressionParser.highestTree) levels of the whole"))
        #expect(ExpressionParser.longestSource == 64 * 1_024 && page.contains("64 kB of source"))
        #expect(ExpressionLimits().steps == 100_000 && ExpressionLimits().elements == 100_000 && ExpressionLimits().bytes == 4 << 20)
    }
}
