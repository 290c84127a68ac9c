import CLua
import Datasets
import Files
import Kernels
import Tensors

extension FunctionRecord {
  /// What loads data, or takes it from tensors.
  static let dataFunctions: [FunctionRecord] =
    [digits, mnist, idx, csv, npy, dataset, tensors] + generatedFunctions

  private static let digits = FunctionRecord(
    "data.digits", "The handwritten digits that ship in the program: 8 by 8 pixels, ten classes (UCI, CC BY 4.0).",
    returns: "two datasets: for training and for testing",
    example: "local train, test = data.digits(); assert(train.inputs.shape[2] == 64 and #train > #test)"
  ) { call in
    let (train, test) = try Dataset.digits()
    return try call.push(train, .dataset) + call.push(test, .dataset)
  }

  private static let mnist = FunctionRecord(
    "data.mnist", "MNIST: the part of 5 000 images that ships in the program, or the files in a directory.",
    [
      Parameter("dir", .string, default: "nil", "a directory with train-images-idx3-ubyte and its siblings, .gz or not")
    ],
    returns: "two datasets: for training and for testing", errors: "missing or damaged files",
    example: "local train, test = data.mnist(); assert(train.inputs.shape[2] == 784)"
  ) { call in
    let (train, test) = try Dataset.mnist(directory: call.argument(0).asString)
    return try call.push(train, .dataset) + call.push(test, .dataset)
  }

  private static let idx = FunctionRecord(
    "data.idx", "Reads an IDX file, plain or gzipped.", [Parameter("path", .string, "the file")],
    returns: "a tensor: int64 of integers, float32 or float64 of floats",
    errors: "a missing file; a truncated, oversized or damaged one, with the byte position",
    example: "assert(not pcall(data.idx, 'no such file'))"
  ) { call in try call.push(try IDX(Origin(operation: call.who, path: try call.string(0))).tensor()) }

  private static let column = ParameterType.oneOf([.string, .integer])
  private static let csv = FunctionRecord(
    "data.csv", "Reads a table of text: every column an input, but for the target.",
    [Parameter("path", .string, "the file; a row a line, quoted cells allowed, blank lines and # lines passed over")],
    options: [
      Parameter(
        "target", .oneOf([.string, .integer, .table]), default: "none",
        "the target's column: its name, or its number from 1 or from -1 for the last; a table of them for several values"
      ),
      Parameter("columns", .table, default: "all but the target", "the columns of the inputs, by name or number"),
      classes(
        default: "true for text and for at most 100 different whole numbers",
        "whether each different target is a class (numbered in the order of the numbers or letters), or a value; or how many classes there must be"
      ),
      Parameter(
        "header", .boolean, default: "whether the first row has text and no number",
        "whether the first row names the columns"),
      Parameter("delimiter", .string, default: "\",\"", "what stands between two cells; a space is any run of blanks"),
      Parameter("dtype", .dtype, default: "the session's default", "float32 or float64"),
    ],
    returns: "a dataset; text and whole targets give it class_names, a header feature_names",
    errors:
      "a missing or damaged file, an unknown column, a row of another length, an empty cell or text where a number is expected, NaN, infinity",
    example: """
      local path = os.tmpname(); local f = io.open(path, 'w'); f:write('a,b,kind\\n1,2,oak\\n3,4,elm\\n'); f:close()
      local ds = data.csv(path, {target='kind'}); os.remove(path)
      assert(ds.class_names[1] == 'elm' and ds.targets[1] == 2 and ds.inputs[2][1] == 3)
      """
  ) { call in
    let header: Bool? = call.option("header").isAbsent ? nil : call.flag("header", default: false)
    let format = try CSV(
      delimiter: call.option("delimiter").asString ?? ",", hasHeader: header, operation: call.who)
    let columns = try call.columns("columns")
    return try call.push(
      try Dataset.csv(
        try call.string(0), target: try call.columns("target") ?? [], columns: columns, kind: try call.kind(),
        format: format, dtype: try call.floatDType(), operation: call.who), .dataset)
  }

  private static let npy = FunctionRecord(
    "data.npy", "Reads arrays that NumPy saved: a .npy of inputs and one of targets, or a .npz with both.",
    [
      Parameter("path", .string, "a .npy file of the inputs [n, ...], which become [n, features], or a .npz"),
      Parameter("targets_path", .string, default: "none", "a .npy file of the targets"),
    ],
    options: [
      Parameter("inputs", .string, default: "\"inputs\", else \"x\"", "the name of the inputs in the .npz"),
      Parameter(
        "targets", .string, default: "\"targets\", else \"y\", else none", "the name of the targets in the .npz"),
      classes(default: classesByThemselves, classesOfTensors),
      Parameter("dtype", .dtype, default: "the session's default", "what integers become, float32 or float64"),
    ],
    returns: "a dataset; integers are not scaled",
    errors: "missing or damaged files, unknown names, arrays of different lengths, NaN, infinity",
    example: """
      local path = os.tmpname() .. '.npz'; sonde.save(path, {x = sonde.randn(4, 2), y = sonde.tensor{1, 2, 1, 2}})
      local ds = data.npy(path); os.remove(path); assert(#ds == 4 and ds.classes == 2)
      """
  ) { call in
    try call.push(
      try Dataset.npy(
        try call.string(0), targets: call.argument(1).asString, inputsName: call.option("inputs").asString,
        targetsName: call.option("targets").asString, kind: try call.kind(), dtype: try call.floatDType(),
        operation: call.who), .dataset)
  }

  private static let classesByThemselves = "true for a vector of whole numbers"
  private static let classesOfTensors =
    "how many classes there are, true for as many as the largest target says, false for targets that are real values"

  private static func classes(default text: String, _ meaning: String) -> Parameter {
    Parameter("classes", .oneOf([.integer, .boolean]), default: text, meaning)
  }

  private static let ofTensors: [Parameter] = [
    classes(default: classesByThemselves, classesOfTensors),
    Parameter("class_names", .table, default: "none", "what each class is called"),
    Parameter("feature_names", .table, default: "none", "what each feature is called"),
    Parameter("name", .string, default: "\"data\"", "what the dataset is called"),
  ]
  private static let ofTensorsErrors =
    "no samples, different lengths, NaN, infinity, classes that are no whole numbers from 1 to classes"

  private static let dataset = FunctionRecord(
    "data.dataset", "Makes a dataset of your own tensors, given in order or by name.",
    [
      Parameter("inputs", .tensor, default: "the option inputs", "[n, features], float32 or float64"),
      Parameter(
        "targets", .tensor, default: "the option targets",
        "[n] classes from 1 of any dtype, or real values [n] or [n, outputs]; without, there are none"),
    ],
    options: [
      Parameter("inputs", .tensor, default: "the first argument", "[n, features], float32 or float64"),
      Parameter("targets", .tensor, default: "the second argument", "classes [n], or values [n] or [n, outputs]"),
    ] + ofTensors,
    returns: "a dataset that shares the inputs' memory", errors: ofTensorsErrors,
    example: """
      local ds = data.dataset{inputs=sonde.randn(4, 2), targets=sonde.tensor{1, 2, 1, 2}}; assert(ds.classes == 2)
      local line = data.dataset{inputs=sonde.randn(4, 2), targets=sonde.randn(4)}; assert(line.classes == nil)
      """
  ) { call in
    for (place, name) in ["inputs", "targets"].enumerated()
    where !call.argument(place).isAbsent && !call.option(name).isAbsent {
      throw call.failure("expected \(name) once, got argument \(place + 1) and the option")
    }
    guard let inputs = call.argument(0).asTensor ?? call.option("inputs").asTensor else {
      throw call.failure("expected inputs, a tensor [n, features], got nothing; data.dataset{inputs=x, targets=t}")
    }
    return try call.pushDataset(inputs, call.argument(1).asTensor ?? call.option("targets").asTensor)
  }

  private static let tensors = FunctionRecord(
    "data.tensors", "Makes a dataset of inputs and targets; the same as data.dataset(x, t).",
    [
      Parameter("x", .tensor, "[n, features], float32 or float64"),
      Parameter("t", .tensor, default: "none", "classes [n], or real values [n] or [n, outputs]"),
    ],
    options: ofTensors, returns: "a dataset that shares the inputs' memory", errors: ofTensorsErrors,
    example: "local ds = data.tensors(sonde.randn(4, 2), sonde.randn(4, 3)); assert(ds.targets.shape[2] == 3)"
  ) { call in try call.pushDataset(try call.tensor(0), call.argument(1).asTensor) }
}

extension Call {
  /// Pushes a dataset of tensors, with what the options say of it.
  fileprivate func pushDataset(_ inputs: Tensor, _ targets: Tensor?) throws -> Int32 {
    let dataset = try Dataset(
      name: option("name").asString ?? "data", inputs: inputs.offTape, targets: targets, kind: try kind(),
      classNames: try names("class_names"), featureNames: try names("feature_names"), operation: who)
    if let names = dataset.featureNames, names.count != dataset.features {
      throw failure("expected a name for each of the \(dataset.features) features, got \(names.count)")
    }
    return try push(dataset, .dataset)
  }

  /// The option `classes`.
  fileprivate func kind() throws -> Labels.Kind {
    switch option("classes") {
    case .absent: return .automatic
    case .boolean(let areClasses): return areClasses ? .classes(nil) : .values
    case let value: return .classes(value.asInteger)
    }
  }

  /// A sequence of names, nil where it is not given.
  private func names(_ name: String) throws -> [String]? {
    guard case .table(let index) = option(name) else { return nil }
    return try sequence(at: index) { value in
      guard let text = value.asString else { throw failure("option '\(name)' expected names, got \(value.text)") }
      return text
    }
  }

  /// A column, or a sequence of them; nil where it is not given.
  fileprivate func columns(_ name: String) throws -> [Column]? {
    func column(_ value: LuaValue) throws -> Column {
      if let text = value.asString { return .name(text) }
      guard let number = value.asInteger else {
        throw failure("option '\(name)' expected names or numbers of columns, got \(value.text)")
      }
      return .number(number)
    }
    switch option(name) {
    case .absent: return nil
    case .table(let index):
      let columns = try sequence(at: index, column)
      guard !columns.isEmpty else { throw failure("option '\(name)' expected at least one column, got none") }
      return columns
    case let value: return [try column(value)]
    }
  }
}

extension Tensor {
  /// The same memory without a trace on the tape.
  fileprivate var offTape: Tensor {
    hasHistory ? Tensor(storage: storage, shape: shape, strides: strides, offset: offset) : self
  }
}
