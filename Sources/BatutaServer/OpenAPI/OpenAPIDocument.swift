import BatutaHTTP
import BatutaCore

/// The OpenAPI 3.1 document, made from the routes themselves, so that it cannot say less than the server does.
enum OpenAPIDocument {
    static func make(routes: [Endpoint], open signIns: [OpenEndpoint]) -> JSON {
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path]?.object ?? [:]
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path] = .object(item)
        }
        for route in signIns { paths[route.path] = .object([route.method.rawValue.lowercased(): operation(route)]) }
        for route in open { paths[route.path] = ["get": openOperation(route)] }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Batuta", "version": .string(BatutaVersion.current),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "security": [["key": []], ["cookie": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "key": ["type": "http", "scheme": "bearer", "bearerFormat": "bat_…"],
                    "cookie": [
                        "type": "apiKey", "in": "cookie", "name": .string(SessionCookie.name),
                        "description": "From signing in; writes need the header X-Batuta-CSRF too.",
                    ],
                ],
                "schemas": OpenAPISchemas.all,
            ],
        ]
    }

    private static let open: [(path: String, summary: String, mediaType: String, schema: JSON)] = [
        ("/healthz", "The process answers", "application/json", reference("Health")),
        ("/readyz", "The server takes work; 503 while it drains, or cannot write or see its runs", "application/json", reference("Health")),
        ("/metrics", "Metrics in Prometheus' text format; with a key unless the project opens them", "text/plain", ["type": "string"]),
        ("/openapi.json", "This document", "application/json", ["type": "object"]),
    ]

    private static func openOperation(_ route: (path: String, summary: String, mediaType: String, schema: JSON)) -> JSON {
        let content: JSON = .object(JSONObject([(route.mediaType, JSON.object(["schema": route.schema]))]))
        var operation: JSONObject = [
            "summary": .string(route.summary), "operationId": .string("get_" + route.path.filter(\.isLetter)),
            "responses": ["200": ["description": "OK", "content": content] as JSON, "default": problem("A problem (RFC 9457)")] as JSON,
        ]
        if route.path != "/metrics" { operation["security"] = [] }
        return .object(operation)
    }

    /// The way to a sign-in needs none.
    private static func operation(_ route: OpenEndpoint) -> JSON {
        let name = "\(route.method) \(route.path)"
        var operation: JSONObject = [
            "summary": .string(route.summary),
            "operationId": .string(identifier(route.method, route.path)),
            "security": [],
            "parameters": .array(OpenAPIQuery.parameters(route.query, of: route.path)),
            "responses": responses(name, problems: route.method == .get ? ["503"] : ["400", "401", "403", "413", "429", "503", "507"]),
        ]
        if let body = OpenAPISchemas.requestBodies[name] { operation["requestBody"] = requestBody(body) }
        return .object(operation)
    }

    private static func operation(_ route: Endpoint) -> JSON {
        var operation: JSONObject = [
            "summary": .string(route.summary),
            "operationId": .string(identifier(route.method, route.path)),
            "x-role": .string(route.role.rawValue),
            "parameters": .array(
                pathParameters(route.path) + OpenAPIQuery.parameters(route.query, of: route.path) + headerParameters(route)
            ),
            "responses": responses("\(route.method) \(route.path)", problems: OpenAPIAnswers.problems(route)),
        ]
        if let body = OpenAPISchemas.requestBodies["\(route.method) \(route.path)"] {
            operation["requestBody"] = requestBody(body)
        }
        if route.streamedBody != nil { operation["requestBody"] = upload }
        return .object(operation)
    }

    private static func requestBody(_ schema: String) -> JSON {
        ["required": true, "content": ["application/json": ["schema": reference(schema)]]]
    }

    private static let upload: JSON = [
        "required": true,
        "content": [
            "multipart/form-data": ["schema": reference("Upload")],
            "application/octet-stream": ["schema": ["type": "string", "format": "binary"]],
        ],
    ]

    private static func responses(_ name: String, problems: [String]) -> JSON {
        var responses = JSONObject()
        for answer in OpenAPIAnswers.good[name] ?? [] { responses[answer.status] = answer.json }
        for status in problems { responses[status] = problem(OpenAPIAnswers.problemMeanings[status] ?? "A problem") }
        responses["default"] = problem("A problem (RFC 9457)")
        return .object(responses)
    }

    private static func problem(_ description: String) -> JSON {
        ["description": .string(description), "content": ["application/problem+json": ["schema": reference("Problem")]]]
    }

    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func identifier(_ method: HTTPMethod, _ path: String) -> String {
        let parts = path.split(separator: "/")
        let words = parts.drop { $0 == "v1" }.map { $0.filter { $0.isLetter || $0.isNumber || $0 == "_" } }
        return ([method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private static func pathParameters(_ path: String) -> [JSON] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            ["name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true, "schema": ["type": "string"]]
        }
    }

    private static func headerParameters(_ route: Endpoint) -> [JSON] {
        var names = route.method == .get ? [] : ["Idempotency-Key"]
        if route.query.contains("after"), !route.path.hasSuffix("/preview") { names.append("Last-Event-ID") }
        return names.map { ["name": .string($0), "in": "header", "required": false, "schema": ["type": "string"]] }
    }
}
