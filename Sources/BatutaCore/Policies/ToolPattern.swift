/// A tool's name with `*` for any letters and `?` for one.
public struct ToolPattern: Sendable, Hashable {
    private let pattern: [UInt8]

    public init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Takes time in proportion to the product of both lengths at most, whatever the pattern.
    public func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var position = 0, place = 0
        var star: (pattern: Int, name: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == name[position] {
                place += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                place = last.pattern + 1
                position = last.name + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
