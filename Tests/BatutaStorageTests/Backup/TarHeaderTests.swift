import Testing

@testable import BatutaStorage

@Suite struct TarHeaderTests {
    @Test(arguments: [0, 1, 511, 512, 513, (1 << 33) - 1, 1 << 33, 1 << 40])
    func `a header comes back with the size that it was given`(_ count: Int) {
        let header = TarHeader(name: "blobs/ab/\(String(repeating: "f", count: 64))", count: count, modified: 1_795_000_000)
        #expect(TarHeader(header.bytes) == header)
        #expect((count + header.padding) % TarHeader.size == 0)
    }

    @Test func `a header of which one byte was changed is none`() {
        let bytes = TarHeader(name: "store.db", count: 4_096).bytes
        for place in bytes.indices where bytes[place] != 0 && !(148..<156).contains(place) {
            var changed = bytes
            changed[place] ^= 1
            #expect(TarHeader(changed) == nil, "\(place)")
        }
        #expect(TarHeader([]) == nil && TarHeader([UInt8](repeating: 0, count: 512)) == nil)
    }
}
