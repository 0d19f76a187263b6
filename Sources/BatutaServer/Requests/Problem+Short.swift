import BatutaCore
import BatutaHTTP

extension Problem {
    /// A problem in one line.
    /// - Parameters:
    ///   - field: The field of the request that is wrong.
    ///   - retryAfter: Seconds after which trying again makes sense.
    ///   - extra: Further members of the object.
    init(
        _ status: HTTPStatus,
        code: String,
        _ detail: Words,
        field: String? = nil,
        retryAfter: Int? = nil,
        extra: KeyValuePairs<String, JSON> = [:]
    ) {
        self.init(status, code: code, detail: detail)
        if let field { errors = [FieldError(field: field, message: detail)] }
        if let retryAfter { headers["Retry-After"] = String(retryAfter) }
        members = extra.map { (name: $0.key, value: $0.value) }
    }
}
