import BatutaHTTP
import BatutaCore

/// The OpenAPI 3.1 document, made from the routes themselves, so that it cannot say less than the server does.
enum OpenAPIDocument {
    static func make(routes: [Endpoint]) -> JSON {
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path]?.object ?? [:]
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path] = .object(item)
        }
        for (path, summary) in open {
            paths[path] = ["get": ["summary": .string(summary), "security": [], "responses": ["200": ["description": "OK"]]]]
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Batuta", "version": .string(BatutaVersion.current),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "security": [["key": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": ["key": ["type": "http", "scheme": "bearer", "bearerFormat": "bat_…"]], "schemas": OpenAPISchemas.all,
            ],
        ]
    }

    private static let open = [
        ("/healthz", "The process answers"), ("/readyz", "The server takes work; 503 while it drains"),
        ("/metrics", "Metrics in Prometheus' text format"), ("/openapi.json", "This document"),
    ]

    private static func operation(_ route: Endpoint) -> JSON {
        var operation: JSONObject = [
            "summary": .string(route.summary),
            "operationId": .string(identifier(route)),
            "x-role": .string(route.role.rawValue),
            "parameters": .array(pathParameters(route.path) + route.query.map(queryParameter)),
            "responses": responses(route),
        ]
        if let body = OpenAPISchemas.requestBodies["\(route.method) \(route.path)"] {
            operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": reference(body)]]]
        }
        return .object(operation)
    }

    private static func responses(_ route: Endpoint) -> JSON {
        let (status, schema) = OpenAPISchemas.answers["\(route.method) \(route.path)"] ?? ("200", nil)
        var good: JSONObject = ["description": "OK"]
        if let schema { good["content"] = ["application/json": ["schema": reference(schema)]] }
        let problem: JSON = [
            "description": "A problem (RFC 9457)", "content": ["application/problem+json": ["schema": reference("Problem")]],
        ]
        return .object(JSONObject([(status, .object(good)), ("default", problem)]))
    }

    private static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func identifier(_ route: Endpoint) -> String {
        let words = route.path.split(separator: "/").dropFirst().map { $0.filter { $0.isLetter || $0 == "_" } }
        return ([route.method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private static func pathParameters(_ path: String) -> [JSON] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            ["name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true, "schema": ["type": "string"]]
        }
    }

    private static func queryParameter(_ name: String) -> JSON {
        ["name": .string(name), "in": "query", "required": false, "schema": ["type": "string"]]
    }
}
