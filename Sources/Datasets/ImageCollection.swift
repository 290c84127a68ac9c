import CData
import Files
import Kernels
import Tensors

/// Four IDX files in MNIST's layout: images and labels for training (`train-`) and for testing (`t10k-`).
struct ImageCollection {
  /// Where the files are.
  enum Place {
    /// Inside the program, in this folder of the embedded data.
    case program(String)
    /// In a directory, each file plain or with `.gz` behind its name.
    case directory(String)
  }

  let operation: String
  let name: String
  let place: Place
  /// The value of a pixel that becomes 1.
  let brightest: Float
  let classes: Int

  /// Reads both parts.
  func load() throws -> (train: Dataset, test: Dataset) {
    let (train, test) = (try load("train"), try load("t10k"))
    guard train.features == test.features else {
      throw DatasetError.featuresDiffer(operation: operation, train: train.features, test: test.features)
    }
    return (train, test)
  }

  private func load(_ part: String) throws -> Dataset {
    let (images, labels) = (try open("\(part)-images-idx3-ubyte"), try open("\(part)-labels-idx1-ubyte"))
    guard images.element == .uint8, images.shape.count >= 2, images.count > 0 else {
      throw DatasetError.images(operation: operation, element: "\(images.element)", shape: images.shape)
    }
    guard labels.element == .uint8, labels.shape.count == 1 else {
      throw DatasetError.labels(operation: operation, element: "\(labels.element)", shape: labels.shape)
    }
    guard images.shape[0] == labels.count else {
      throw DatasetError.countsDiffer(operation: operation, inputs: images.shape[0], targets: labels.count)
    }
    return Dataset(
      unchecked: name, inputs: try scaled(images), targets: try counted(labels), labels: .classes(classes, names: nil))
  }

  private func open(_ file: String) throws -> IDX {
    switch place {
    case .program(let folder):
      let origin = Origin(operation: operation, path: "\(folder)/\(file).gz")
      let embedded = sonde_embedded_file(origin.path)
      return try IDX(bytes: UnsafeRawBufferPointer(start: embedded.bytes, count: embedded.length), origin: origin)
    case .directory(let directory):
      for candidate in [file, "\(file).gz"] {
        do {
          return try IDX(Origin(operation: operation, path: "\(directory)/\(candidate)"))
        } catch let error as FileError where error.isMissing {
          continue
        }
      }
      throw DatasetError.missing(operation: operation, directory: directory, name: file)
    }
  }

  /// The images as rows of pixels, `[images, pixels]` float32, divided by the brightest value.
  private func scaled(_ images: IDX) throws -> Tensor {
    let result = try Tensor(.float32, [images.shape[0], images.count / images.shape[0]], zeroed: false)
    let output = result.pointer(Float.self)
    let table = (0...255).map { Float($0) / brightest }
    try images.withElements { bytes in
      try table.withUnsafeBufferPointer { table in
        try inChunks(images.count) { chunk in
          for index in chunk { output[index] = table[Int(bytes[index])] }
        }
      }
    }
    return result
  }

  /// The labels, which count from 0 in the files, as classes from 1.
  private func counted(_ labels: IDX) throws -> Tensor {
    let result = try Tensor(.int64, [labels.count], zeroed: false)
    let output = result.pointer(Int64.self)
    try labels.withElements { bytes in
      for (sample, label) in bytes.enumerated() {
        guard label < classes else {
          throw DatasetError.classRange(
            operation: operation, value: "\(label)", sample: sample, first: 0, last: classes - 1, isGuess: false)
        }
        output[sample] = Int64(label) + 1
      }
    }
    return result
  }

  private func inChunks(_ count: Int, _ body: (Range<Int>) -> Void) throws {
    var first = 0
    while first < count {
      try Interrupt.check()
      let end = min(first + Interrupt.pollInterval, count)
      body(first..<end)
      first = end
    }
  }
}
