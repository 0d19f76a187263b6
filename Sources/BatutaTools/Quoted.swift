/// Names come from a model: shown in quotation marks, one line, not without end.
func quoted(_ text: String) -> String {
    let line = String(text.unicodeScalars.prefix(100).map { $0.value < 0x20 ? " " : Character($0) })
    return "“\(line)\(text.unicodeScalars.count > 100 ? "…" : "")”"
}
