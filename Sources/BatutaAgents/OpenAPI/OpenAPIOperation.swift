import BatutaCore

/// One operation of a document, as far as a tool is made of it.
struct OpenAPIOperation: Sendable {
    /// What the document or, without an `operationId`, method and path call it.
    var id: String
    var method: String
    var path: String
    var item: JSON
    var operation: JSON

    /// Of the methods that tools can send.
    static func all(in source: OpenAPISource) -> [OpenAPIOperation] {
        var found: [OpenAPIOperation] = []
        for (path, item) in source.root["paths"]?.object ?? [:] {
            guard let item = source.resolved(item), path.hasPrefix("/") else { continue }
            for method in RequestEntry.methods {
                guard let operation = item[method.lowercased()], operation.object != nil else { continue }
                let id = operation["operationId"]?.string ?? "\(method.lowercased())\(path)"
                found.append(OpenAPIOperation(id: id, method: method, path: path, item: item, operation: operation))
            }
        }
        return found
    }

    /// A tool's name: `listPets` → `list_pets`, `get/pets/{id}` → `get_pets_id`.
    var name: String {
        var name = ""
        for character in id {
            if character.isASCII, character.isLetter || character.isNumber {
                if character.isUppercase, let last = name.last, last.isLowercase || last.isNumber { name += "_" }
                name += character.lowercased()
            } else if name.last != "_" {
                name += "_"
            }
        }
        while name.hasPrefix("_") { name.removeFirst() }
        while name.hasSuffix("_") { name.removeLast() }
        return name.isEmpty ? "operation" : String(name.prefix(60))
    }

    /// For the model: what the document says first.
    var description: String {
        let words = [operation["summary"]?.string, operation["description"]?.string].compactMap { $0 }
        let lines = words.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { !$0.isEmpty }
        let text = lines.count == 2 && lines[1].hasPrefix(lines[0]) ? lines[1] : lines.joined(separator: ". ").replacing(".. ", with: ". ")
        return text.isEmpty ? "\(method) \(path)" : text.count > 1_000 ? "\(text.prefix(999))…" : text
    }

    /// Those of the operation over those of its path.
    func parameters(in source: OpenAPISource) -> [JSON] {
        var parameters: [JSON] = []
        for written in (item["parameters"]?.array ?? []) + (operation["parameters"]?.array ?? []) {
            guard let parameter = source.resolved(written) else { continue }
            parameters.removeAll { $0["name"] == parameter["name"] && $0["in"] == parameter["in"] }
            parameters.append(parameter)
        }
        return parameters
    }

    /// The server's address, its variables with their defaults; nil when the document names none that is an address.
    func server(in source: OpenAPISource) -> String? {
        let servers = [operation["servers"], item["servers"], source.root["servers"]].compactMap { $0?.array }.first { !$0.isEmpty }
        guard let server = servers?.first, var url = server["url"]?.string else { return nil }
        for (name, variable) in server["variables"]?.object ?? [:] {
            url = url.replacing("{\(name)}", with: variable["default"]?.text.trimmedQuotes ?? "")
        }
        while url.hasSuffix("/") { url.removeLast() }
        return url.hasPrefix("http://") || url.hasPrefix("https://") ? url : nil
    }
}

extension String {
    /// A text of JSON as it is inserted.
    fileprivate var trimmedQuotes: String { hasPrefix("\"") && hasSuffix("\"") && count >= 2 ? String(dropFirst().dropLast()) : self }
}
