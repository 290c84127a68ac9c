extension Dataset {
  /// The handwritten digits that ship inside the program: 1437 for training and 360 for testing, 8 x 8 pixels, 10 classes.
  ///
  /// Inputs are `[samples, 64]` float32: the files hold how many of 4 x 4 scanned dots are dark, 0 to 16, divided
  /// here by 16. Class 1 is the digit 0, class 10 the digit 9. Source: UCI Optical Recognition of Handwritten
  /// Digits, the 1797 digits of its test part, CC BY 4.0.
  ///
  /// - Throws: `TensorError.outOfMemory`; `Interrupted`.
  public static func digits() throws -> (train: Dataset, test: Dataset) {
    try ImageCollection(
      operation: "data.digits", name: "digits", place: .program("digits"), brightest: 16, classes: 10
    ).load()
  }

  /// MNIST from a directory, or the part of it that ships inside the program: 4000 for training, 1000 for testing.
  ///
  /// Inputs are `[samples, 784]` float32, the files' bytes divided by 255. Class 1 is the digit 0, class 10 the
  /// digit 9. The part is balanced (400 and 100 a class). Collections in MNIST's layout and with ten classes
  /// (Fashion-MNIST, KMNIST) read as well. Source of the part: MNIST, Y. LeCun and C. Cortes, CC BY-SA 3.0.
  ///
  /// - Parameter directory: where `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
  ///   and `t10k-labels-idx1-ubyte` are, each plain or with `.gz` behind its name; nil: the shipped part.
  /// - Returns: the two parts, each in the files' order.
  /// - Throws: `DatasetError` when a file is missing, images and labels differ in number, or a label is not from
  ///   0 to 9; `FileError` when a file is damaged; `TensorError.outOfMemory`; `Interrupted`.
  public static func mnist(directory: String? = nil) throws -> (train: Dataset, test: Dataset) {
    let place = directory.map(ImageCollection.Place.directory) ?? .program("mnist")
    return try ImageCollection(
      operation: "data.mnist", name: "mnist", place: place, brightest: 255, classes: 10
    ).load()
  }
}
