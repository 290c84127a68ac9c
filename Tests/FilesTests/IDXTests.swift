import Kernels
import Tensors
import TestSupport
import Testing

@testable import Files

private let origin = Origin(operation: "data.idx", path: "a")

private func read(_ bytes: [UInt8]) throws -> Tensor {
  try bytes.withUnsafeBytes { try IDX(bytes: $0, origin: origin).tensor() }
}

private func message(_ bytes: [UInt8]) -> String {
  do {
    return "no error: \(try read(bytes).shape)"
  } catch {
    return "\(error)"
  }
}

private func elements<Element>(_ tensor: Tensor, _ type: Element.Type) -> [Element] {
  Array(UnsafeBufferPointer(start: tensor.pointer(Element.self), count: tensor.count))
}

private func header(_ code: UInt8, _ extents: [UInt32]) -> [UInt8] {
  var bytes: [UInt8] = [0, 0, code, UInt8(extents.count)]
  for extent in extents { withUnsafeBytes(of: extent.bigEndian) { bytes.append(contentsOf: $0) } }
  return bytes
}

/// Byte strings of this suite are made with NumPy: bytes([0, 0, code, rank]) + shape.astype('>u4') + values.astype('>…').
@Suite struct IDXTests {
  @Test func unsignedBytesBecomeInt64() throws {
    let tensor = try read(header(0x08, [2, 3]) + [1, 2, 3, 4, 5, 255])
    #expect(tensor.dtype == .int64)
    #expect(tensor.shape == [2, 3])
    #expect(elements(tensor, Int64.self) == [1, 2, 3, 4, 5, 255])
  }

  @Test func signedBytesBecomeInt64() throws {
    #expect(elements(try read(header(0x09, [3]) + [0x80, 0xff, 0x7f]), Int64.self) == [-128, -1, 127])
  }

  @Test func int16BecomesInt64() throws {
    let bytes: [UInt8] = [0x80, 0x00, 0xff, 0xff, 0x00, 0x00, 0x01, 0x02]
    #expect(elements(try read(header(0x0b, [4]) + bytes), Int64.self) == [-32768, -1, 0, 258])
  }

  @Test func int32BecomesInt64() throws {
    let bytes: [UInt8] = [0x80, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02, 0x03, 0x04]
    #expect(elements(try read(header(0x0c, [3]) + bytes), Int64.self) == [-2_147_483_648, -1, 16_909_060])
  }

  @Test func float32StaysFloat32() throws {
    let tensor = try read(header(0x0d, [3]) + [0x3f, 0xc0, 0x00, 0x00, 0xbd, 0xcc, 0xcc, 0xcd, 0x7f, 0x80, 0x00, 0x00])
    #expect(tensor.dtype == .float32)
    #expect(elements(tensor, Float.self) == [1.5, -0.1, .infinity])
  }

  @Test func float64StaysFloat64() throws {
    let bytes: [UInt8] = [
      0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a, 0xfe, 0x37, 0xe4, 0x3c, 0x88, 0x00, 0x75, 0x9c,
    ]
    let tensor = try read(header(0x0e, [2]) + bytes)
    #expect(tensor.dtype == .float64)
    #expect(elements(tensor, Double.self) == [0.1, -1e300])
  }

  @Test func eightDimensionsRead() throws {
    #expect(try read(header(0x08, [1, 1, 1, 2, 1, 1, 1, 1]) + [7, 9]).shape == [1, 1, 1, 2, 1, 1, 1, 1])
  }

  @Test func noElementsRead() throws {
    #expect(try read(header(0x08, [0, 28, 28])).shape == [0, 28, 28])
  }

  // python3: gzip.compress(bytes([0,0,8,2, 0,0,0,2, 0,0,0,3, 1,2,3,4,5,255]), mtime=0)
  private let gzipped: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x62, 0x60, 0x60, 0x00, 0x61,
    0x66, 0x46, 0x26, 0x66, 0x16, 0xd6, 0xff, 0x00, 0xf0, 0xde, 0x5f, 0x21, 0x12, 0x00, 0x00, 0x00,
  ]

  @Test func gzippedFilesAreToldByTheirMagic() throws {
    #expect(elements(try read(gzipped), Int64.self) == [1, 2, 3, 4, 5, 255])
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("no-suffix", gzipped)
    let tensor = try IDX(Origin(operation: "data.idx", path: path)).tensor()
    #expect(elements(tensor, Int64.self) == [1, 2, 3, 4, 5, 255])
  }

  @Test func plainFilesRead() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("plain", header(0x09, [2]) + [1, 254])
    let tensor = try IDX(Origin(operation: "data.idx", path: path)).tensor()
    #expect(elements(tensor, Int64.self) == [1, -2])
  }

  @Test func aTruncatedFileIsTold() {
    #expect(
      message(header(0x08, [10_000, 28, 28]) + Array(repeating: 1, count: 123))
        == "data.idx: 'a': expected 7840000 bytes after the header's [10000, 28, 28], got 123 (at byte 139); "
        + "the file is incomplete, fetch it again")
  }

  @Test func everyTruncationIsAnError() {
    let whole = header(0x0c, [2, 1]) + [0, 0, 0, 1, 0, 0, 0, 2]
    for length in 0..<whole.count {
      #expect(throws: FileError.self, "\(length) bytes") { try read(Array(whole[..<length])) }
    }
  }

  @Test func everyTruncationOfAGzippedFileIsAnError() {
    // Fewer than two bytes are not recognised as gzip, but are no IDX header either.
    for length in 0..<gzipped.count {
      #expect(throws: FileError.self, "\(length) bytes") { try read(Array(gzipped[..<length])) }
    }
  }

  @Test func anOversizedFileIsTold() {
    #expect(
      message(header(0x0c, [2]) + Array(repeating: 0, count: 11))
        == "data.idx: 'a': expected 8 bytes after the header's [2], got 11 (at byte 16)")
  }

  @Test func anOversizedGzippedFileIsTold() {
    // gzip.compress(bytes([0,0,8,2, 0,0,0,2, 0,0,0,3, 1,2,3,4,5,255]) + b'x', mtime=0)
    let bytes: [UInt8] = [
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x62, 0x60, 0x60, 0x00, 0x61,
      0x66, 0x46, 0x26, 0x66, 0x16, 0xd6, 0xff, 0x15, 0x00, 0x41, 0xbb, 0x40, 0x31, 0x13, 0x00, 0x00, 0x00,
    ]
    #expect(message(bytes) == "data.idx: 'a': expected 6 bytes after the header's [2, 3], got more (at byte 18)")
  }

  @Test func aTooShortGzippedFileIsTold() {
    // gzip.compress(bytes([0,0,8,2, 0,0,0,2, 0,0,0,3, 1,2,3,4,5]), mtime=0)
    let bytes: [UInt8] = [
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x62, 0x60, 0x60, 0x00, 0x61,
      0x66, 0x46, 0x26, 0x66, 0x16, 0x56, 0x00, 0xed, 0x35, 0x40, 0xe4, 0x11, 0x00, 0x00, 0x00,
    ]
    #expect(
      message(bytes)
        == "data.idx: 'a': expected 6 bytes after the header's [2, 3], got 5 (at byte 17); "
        + "the file is incomplete, fetch it again")
  }

  @Test func headersThatMakeNoSenseAreTold() {
    #expect(message([]) == "data.idx: 'a': expected an IDX header of 4 bytes, got 0 (at byte 0)")
    #expect(message([0, 0, 8]) == "data.idx: 'a': expected an IDX header of 4 bytes, got 3 (at byte 3)")
    #expect(message([0, 0, 8, 3, 0]) == "data.idx: 'a': expected an IDX header of 16 bytes, got 5 (at byte 5)")
    #expect(
      message([0x50, 0x4b, 3, 4])
        == "data.idx: 'a': expected an IDX file, which begins with two zero bytes, got 0x50 0x4b (at byte 0)")
    #expect(
      message([0, 0, 0x0a, 1, 0, 0, 0, 0])
        == "data.idx: 'a': expected an IDX element type 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e, got 0x0a (at byte 2)")
    #expect(message([0, 0, 8, 0]) == "data.idx: 'a': expected 1 to 8 dimensions, got 0 (at byte 3)")
    #expect(message([0, 0, 8, 9]) == "data.idx: 'a': expected 1 to 8 dimensions, got 9 (at byte 3)")
  }

  @Test func extentsThatOverflowAreTold() {
    #expect(
      message(header(0x0e, [.max, .max, .max]))
        == "data.idx: 'a': expected extents whose product can be counted, got [4294967295, 4294967295, 4294967295] (at byte 4)"
    )
    // A zero among them makes the product 0, but not the strides.
    #expect(
      message(header(0x08, [0, .max, .max, .max])).hasPrefix("data.idx: 'a': expected extents whose product can be"))
  }

  @Test func aHugePromiseTakesNoMemory() {
    // 2^55 elements: an attempt to allocate them would be told as 'not enough memory'.
    #expect(
      message(header(0x08, [1 << 27, 1 << 28]) + [1])
        == "data.idx: 'a': expected 36028797018963968 bytes after the header's [134217728, 268435456], got 1 (at byte 13); "
        + "the file is incomplete, fetch it again")
  }

  @Test(arguments: [true, false])
  func damagedFilesAreReadOrRefusedButNeverCrash(isGzipped: Bool) {
    let seed: UInt64 = 20_260_101
    let generator = Generator(seed: seed)
    let whole = isGzipped ? gzipped : header(0x0b, [2, 3]) + Array(repeating: 1, count: 12)
    var refused = 0
    for round in 0..<5000 {
      var bytes = whole
      for _ in 0...generator.next(below: 4) {
        bytes[generator.next(below: bytes.count)] = UInt8(generator.next(below: 256))
      }
      bytes.removeLast(generator.next(below: 3))
      do {
        _ = try read(bytes)
      } catch {
        refused += 1
        #expect(error is FileError, "seed \(seed), round \(round): \(bytes)")
      }
    }
    #expect(refused > 2500, "seed \(seed)")
  }

  @Test func aRefusedFileLeavesNoMemoryTaken() throws {
    let bytes = header(0x08, [1 << 20]) + Array(repeating: 1, count: 1 << 16)
    weak var kept: ByteBuffer?
    do {
      let buffer = try bytes.withUnsafeBytes { try ByteBuffer(copying: $0) }
      kept = buffer
      #expect(throws: FileError.self) { try buffer.withBytes { try IDX(bytes: $0, origin: origin) } }
    }
    #expect(kept == nil)
  }
}
