/// Something that is tried again and again: who reads the log is to know that it goes on, and not to drown in it.
enum Repetition {
    /// The first try that failed, and each twentieth.
    static func isWorthALine(_ tries: Int) -> Bool { tries % 20 == 1 }
}
