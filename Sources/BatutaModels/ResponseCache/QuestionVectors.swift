import BatutaCore
import CVectors

/// Vectors of questions, and which of them lie closest to another. A value.
///
/// Each is kept in bytes, which are looked through, and in floating point, by which those that may be close enough are compared exactly: reading
/// ten thousand of 384 numbers costs a third of what the floating-point ones would.
struct QuestionVectors: Sendable {
    let width: Int
    private var bytes: [Int8] = []
    private var scales: [Float] = []
    private var exact: [Float] = []

    /// What rounding to bytes can add to a cosine or take from it, with room to spare.
    private static let doubt: Float = 0.02

    init(width: Int) { self.width = width }

    var count: Int { scales.count }

    /// Bytes that one of this width takes.
    static func size(ofWidth width: Int) -> Int { 5 * width + 4 }

    /// - Parameter vector: of length 1 (`normalised`) and this width.
    mutating func append(_ vector: [Float]) {
        let (rounded, scale) = Self.rounded(vector)
        bytes += rounded
        exact += vector
        scales.append(scale)
    }

    /// The last takes the place of the one that goes.
    mutating func remove(at index: Int) {
        let last = count - 1
        if index != last {
            for place in 0..<width {
                bytes[index * width + place] = bytes[last * width + place]
                exact[index * width + place] = exact[last * width + place]
            }
            scales[index] = scales[last]
        }
        bytes.removeLast(width)
        exact.removeLast(width)
        scales.removeLast()
    }

    /// Those whose cosine is at least as large, the closest first.
    func closest(to vector: [Float], atLeast threshold: Float) -> [(index: Int, cosine: Float)] {
        guard vector.count == width, count > 0 else { return [] }
        let (rounded, scale) = Self.rounded(vector)
        let products = [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
            batuta_dot_int8(rounded, bytes, count, width, buffer.baseAddress)
            filled = count
        }
        var found: [(index: Int, cosine: Float)] = []
        for index in 0..<count where Float(products[index]) * scale * scales[index] >= threshold - Self.doubt {
            let cosine = exact.withUnsafeBufferPointer { all -> Float in
                guard let base = all.baseAddress else { return 0 }
                return batuta_dot_float(vector, base + index * width, width)
            }
            if cosine >= threshold { found.append((index, cosine)) }
        }
        return found.sorted { $0.cosine > $1.cosine }
    }

    private static func rounded(_ vector: [Float]) -> (bytes: [Int8], scale: Float) {
        let largest = vector.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return (vector.map { _ in 0 }, 0) }
        return (vector.map { Int8(max(-127, min(127, ($0 / largest * 127).rounded()))) }, largest / 127)
    }

    /// The same direction with length 1; nil for one that has none.
    static func normalised(_ vector: [Float]) -> [Float]? {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0, length.isFinite else { return nil }
        return vector.map { $0 / length }
    }

    // MARK: In the store

    /// Little-endian single precision.
    static func blob(_ vector: [Float]) -> [UInt8] {
        vector.withUnsafeBytes { [UInt8]($0) }
    }

    static func vector(_ blob: [UInt8]) -> [Float] {
        blob.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
    }
}
