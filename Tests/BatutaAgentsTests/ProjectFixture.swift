import BatutaAgents
import Glibc

/// A small project that is right, to be changed by tests.
enum ProjectFixture {
    static let files: [String: String] = [
        "batuta.yaml": """
        name: shop
        default: agent:clerk
        models:
          default: { provider: openai, model: gpt-5-mini, fallback: [cheap] }
          cheap: { provider: corp, model: small }
        providers:
          corp: { kind: openai, base_url: "https://llm.corp.example/v1", api_key: "${secret.CORP_KEY}" }
        retry:
          slow: { attempts: 5, timeout: 1m, backoff: { first: 1s, factor: 3, max: 9s, jitter: false } }
        """,
        "agents/clerk.md": """
        ---
        description: Sells things.
        model: default
        tools: [get_item, current_time]
        variables:
          shop: { type: string, default: ours }
        ---
        You sell things of $shop. Answer in $language. R$ 10 is cheap.
        """,
        "tools/get_item.yaml": """
        description: Reads an item.
        effect: read
        parameters:
          type: object
          properties: { id: { type: string } }
          required: [id]
          additionalProperties: false
        http:
          method: GET
          url: "${env.SHOP_URL}/items/${params.id}"
          headers: { Authorization: "Bearer ${secret.SHOP_KEY}" }
        """,
        "tools/buy_item.yaml": """
        description: Buys an item.
        effect: critical
        retry: slow
        timeout: 7s
        parameters: { type: object, properties: { id: { type: string } }, required: [id], additionalProperties: false }
        check:
          - { that: "size(params.id) < 20", message: "Ids are short." }
        settle: { tool: get_item, arguments: { id: "${params.id}" }, within: 5s, done: "result.sold == true && timestamp(result.sold_at) >= call.started_at" }
        http: { method: POST, url: "https://shop.example/items/${params.id}/buy", body: { id: "${params.id}" }, result: "${result.receipt}" }
        """,
        "rehearsals/clerk.yaml": """
        agent: clerk
        scripts:
          - when: "(?i)item (?<id>\\\\w+)"
            steps:
              - call: get_item
                arguments: { id: "${match.id}" }
              - say: "It is ${results[0].data.name}."
          - say: "Hello."
        """,
    ]

    static func bytes(_ changes: [String: String?] = [:]) -> [String: [UInt8]] {
        var changed = files
        for (path, text) in changes { changed[path] = text }
        return changed.mapValues { Array($0.utf8) }
    }

    static func load(_ changes: [String: String?] = [:]) -> ProjectLoad { Project.load(files: bytes(changes)) }

    /// One file with a line replaced.
    static func load(_ path: String, replacing old: String, with new: String) -> ProjectLoad {
        load([path: (files[path] ?? "").replacing(old, with: new)])
    }
}

/// A folder that vanishes with its owner.
final class ProjectTestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/batuta-project-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw FolderError() }
        path = made
    }

    struct FolderError: Error {}

    func write(_ text: String, to file: String) throws {
        let target = path + "/" + file
        if let slash = file.lastIndex(of: "/") { mkdir(path + "/" + file[..<slash], 0o755) }
        let temporary = target + "~"
        guard let handle = fopen(temporary, "w") else { throw FolderError() }
        fputs(text, handle)
        fclose(handle)
        guard rename(temporary, target) == 0 else { throw FolderError() }
    }

    func writeProject() throws {
        for (file, text) in ProjectFixture.files { try write(text, to: file) }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name != ".", name != ".." else { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) { remove(path + "/" + name) } else { unlink(path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}
