import CData
import Datasets
import Kernels
import Tensors
import TestSupport
import Testing

private func images(_ count: UInt8, _ pixels: [UInt8]) -> [UInt8] {
  [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2] + pixels
}

private func labels(_ labels: [UInt8]) -> [UInt8] { [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels }

/// A collection of two training images and one test image of 1 x 2 pixels.
private func tinyCollection() throws -> TemporaryDirectory {
  let directory = try #require(TemporaryDirectory())
  directory.write("train-images-idx3-ubyte", images(2, [0, 255, 51, 102]))
  directory.write("train-labels-idx1-ubyte", labels([9, 0]))
  directory.write("t10k-images-idx3-ubyte", images(1, [255, 0]))
  directory.write("t10k-labels-idx1-ubyte", labels([3]))
  return directory
}

private func message(_ directory: TemporaryDirectory) -> String {
  do {
    return "no error: \(try Dataset.mnist(directory: directory.path).train)"
  } catch {
    return "\(error)".replacing(directory.path, with: "DIR")
  }
}

extension String {
  /// This text with every occurrence of `part` replaced.
  fileprivate func replacing(_ part: String, with other: String) -> String {
    var (result, rest) = ("", self[...])
    while let first = rest.first {
      if rest.hasPrefix(part) {
        result += other
        rest = rest.dropFirst(part.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

@Suite struct DirectoryTests {
  @Test func plainFilesReadScaledAndCountedFromOne() throws {
    let directory = try tinyCollection()
    let (train, test) = try Dataset.mnist(directory: directory.path)
    #expect(floats(train.inputs) == [0, 1, 0.2, 0.4])
    #expect(integers(train.targets) == [10, 1])
    #expect(floats(test.inputs) == [1, 0])
    #expect(integers(test.targets) == [4])
  }

  @Test func gzippedFilesRead() throws {
    let directory = try #require(TemporaryDirectory())
    for part in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
      let file = sonde_embedded_file("digits/\(part)-ubyte.gz")
      directory.write("\(part)-ubyte.gz", Array(UnsafeBufferPointer(start: file.bytes, count: file.length)))
    }
    let (train, test) = try Dataset.mnist(directory: directory.path)
    #expect(train.count == 1437 && test.count == 360)
    // Read as MNIST, the digits' brightest 16 becomes 16/255.
    #expect(floats(train.inputs).max() == 16.0 / 255)
  }

  @Test func aMissingFileIsTold() throws {
    let directory = try #require(TemporaryDirectory())
    #expect(
      message(directory)
        == "data.mnist: 'DIR': expected a file train-images-idx3-ubyte or train-images-idx3-ubyte.gz, got neither")
  }

  @Test func aDamagedFileIsTold() throws {
    let directory = try tinyCollection()
    directory.write("t10k-images-idx3-ubyte", images(1, [255]))
    #expect(
      message(directory)
        == "data.mnist: 'DIR/t10k-images-idx3-ubyte': expected 2 bytes after the header's [1, 1, 2], got 1 (at byte 17); "
        + "the file is incomplete, fetch it again")
  }

  @Test func countsThatDifferAreTold() throws {
    let directory = try tinyCollection()
    directory.write("train-labels-idx1-ubyte", labels([1, 2, 3]))
    #expect(message(directory) == "data.mnist: expected one target for each of the 2 inputs, got 3")
  }

  @Test func aLabelOutOfRangeIsTold() throws {
    let directory = try tinyCollection()
    directory.write("train-labels-idx1-ubyte", labels([1, 10]))
    #expect(message(directory) == "data.mnist: expected whole classes from 0 to 9, got 10 for sample 2")
  }

  @Test func filesInEachOthersPlaceAreTold() throws {
    let directory = try tinyCollection()
    directory.write("train-images-idx3-ubyte", labels([1, 2]))
    #expect(
      message(directory) == "data.mnist: expected images of uint8 with 2 or more dimensions, got uint8 [2]")
    directory.write("train-images-idx3-ubyte", images(2, [0, 255, 51, 102]))
    directory.write("train-labels-idx1-ubyte", images(1, [0, 0]))
    #expect(message(directory) == "data.mnist: expected labels of uint8 with 1 dimension, got uint8 [1, 1, 2]")
  }

  @Test func partsOfDifferentSizeAreTold() throws {
    let directory = try tinyCollection()
    directory.write("t10k-images-idx3-ubyte", [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3])
    #expect(message(directory) == "data.mnist: expected test images of 2 pixels as those for training, got 3")
  }
}

func floats(_ tensor: Tensor) -> [Float] {
  Array(UnsafeBufferPointer(start: tensor.pointer(Float.self), count: tensor.count))
}

func integers(_ tensor: Tensor) -> [Int64] {
  Array(UnsafeBufferPointer(start: tensor.pointer(Int64.self), count: tensor.count))
}
