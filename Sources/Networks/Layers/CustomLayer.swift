import Gradients
import Kernels
import Tensors

/// A layer whose forward is a function of the user's, differentiated by the tape.
public final class CustomLayer: Layer {
  /// Computes the output `[batch, features]` of `x` with the parameters as they stand.
  public typealias Function = (_ layer: CustomLayer, _ x: Tensor, _ isTraining: Bool) throws -> Tensor

  /// The user's name for this kind of layer.
  public let type: String
  /// The features of the output, nil to find them out by a trial.
  public let outputs: Int?
  /// What the function keeps for this layer alone; a copy of the layer begins without.
  public var attachment: AnyObject?

  private let trained: [(name: String, tensor: Tensor)]
  private var kept: [(name: String, tensor: Tensor)]
  private let function: Function
  /// The features of the output for each number of input features tried.
  private var widths: [Int: Int] = [:]

  /// Makes a layer with the tensors that training changes and those that a checkpoint holds besides.
  ///
  /// - Throws: `NetworkError` for tensors that are no leaves or not of one float dtype.
  public init(
    _ type: String, parameters: [(name: String, tensor: Tensor)] = [], buffers: [(name: String, tensor: Tensor)] = [],
    outputs: Int? = nil, function: @escaping Function
  ) throws {
    let who = "nn.layer '\(type)'"
    if let outputs { try NetworkError.require(outputs, atLeast: 1, who, "outputs") }
    try CustomLayer.check(parameters, buffers, who)
    for (_, tensor) in parameters { Tape.makeLeaf(tensor, wanted: true) }
    self.type = type
    self.outputs = outputs
    self.function = function
    trained = parameters
    kept = buffers
    super.init()
  }

  private static func check(
    _ parameters: [(name: String, tensor: Tensor)], _ buffers: [(name: String, tensor: Tensor)], _ who: String
  ) throws {
    var seen: Set<String> = []
    for (name, tensor) in parameters + buffers {
      guard !name.isEmpty, !name.contains("."), !["name", "training"].contains(name) else {
        throw NetworkError.expected(
          who, "names without dots, other than 'name' and 'training', for its tensors", "'\(name)'")
      }
      guard seen.insert(name).inserted else {
        throw NetworkError.expected(who, "a name of its own for each tensor", "two tensors named '\(name)'")
      }
      guard tensor.dtype.isFloat, !Tape.isResult(tensor) else {
        throw NetworkError.expected(
          who, "'\(name)' as a float tensor that is not the result of something on the tape",
          tensor.dtype.isFloat ? "such a result; detach() it" : tensor.dtype.name)
      }
      guard Accumulation.isDense(tensor) else {
        throw NetworkError.expected(
          who, "'\(name)' as a tensor with memory of its own", "a view with gaps or repetitions; clone() it")
      }
    }
    let dtypes = parameters.map(\.tensor.dtype)
    if let other = dtypes.first(where: { $0 != dtypes[0] }) {
      throw NetworkError.expected(who, "parameters of one dtype", "\(dtypes[0]) and \(other)")
    }
  }

  private init(copying other: CustomLayer, _ copies: Copies) throws {
    type = other.type
    outputs = other.outputs
    function = other.function
    trained = try other.trained.map { ($0.name, try copies.tensor($0.tensor)) }
    kept = try other.kept.map { ($0.name, try copies.tensor($0.tensor)) }
    widths = other.widths
    super.init()
  }

  /// The user's name for the kind.
  public override var kind: String { type }

  /// The dtype of the parameters.
  public override var dtype: DType? { trained.first?.tensor.dtype }

  /// What was said or found out, nil before.
  public override func outputFeatures(_ features: Int?) -> Int? { outputs ?? features.flatMap { widths[$0] } }

  /// The tensors that training changes.
  public override var parameters: [(name: String, tensor: Tensor)] { trained }

  /// The tensors that a checkpoint holds besides.
  public override var buffers: [(name: String, tensor: Tensor)] { kept }

  override var passesFeatures: Bool { false }

  /// Puts another tensor in the place of a buffer, as a forward does that assigns to `self`.
  ///
  /// - Throws: `NetworkError` for a name that is none, another shape or dtype.
  public func setBuffer(_ name: String, _ tensor: Tensor) throws {
    guard let place = kept.firstIndex(where: { $0.name == name }) else {
      throw NetworkError.unknownName("nn.layer '\(type)'", what: "buffer", name: name, nearest: nil)
    }
    let held = kept[place].tensor
    guard tensor.shape == held.shape, tensor.dtype == held.dtype else {
      throw NetworkError.expected(
        "nn.layer '\(type)'", "self.\(name) of shape \(held.shape) and dtype \(held.dtype)",
        "\(tensor.shape) and \(tensor.dtype)")
    }
    kept[place].tensor = try tensor.clone()
  }

  /// Notes the buffers, and answers what puts them back.
  func holdBuffers() throws -> () -> Void {
    let held = kept
    let copies = try kept.map { try $0.tensor.clone() }
    return {
      self.kept = held
      for ((_, tensor), copy) in zip(held, copies) { _ = try? tensor.copy(from: copy) }
    }
  }

  /// The name with the shapes of the parameters, for example `Scale(weight [10])`.
  public override var description: String {
    trained.isEmpty ? type : "\(type)(\(trained.map { "\($0.name) \($0.tensor.shape)" }.joined(separator: ", ")))"
  }

  override func copy(_ copies: Copies) throws -> Layer { try CustomLayer(copying: self, copies) }

  override var isSettled: Bool { outputs != nil || !widths.isEmpty }

  /// Tries the function on two samples of zeros, where nobody has said what it gives.
  override func settle(inputFeatures features: Int, label: String) throws {
    guard outputs == nil, widths[features] == nil else { return }
    let x = try Tensor(dtype ?? .float32, [2, features])
    let restore = try holdBuffers()
    defer { restore() }
    let y = try NoGradient.run { try function(self, x, false) }
    guard y.rank == 2, y.shape[0] == 2, y.shape[1] > 0 else {
      throw NetworkError.expected(label, "its forward to make [2, features] of [2, \(features)]", "\(y.shape)")
    }
    widths[features] = y.shape[1]
  }

  /// Computes the output of `x` and checks what came back.
  ///
  /// - Throws: what the function throws; `NetworkError` for another shape or dtype.
  func run(_ x: Tensor, width: Int, isTraining: Bool, label: String) throws -> Tensor {
    let y = try function(self, x, isTraining)
    guard y.shape == [x.shape[0], width], y.dtype == x.dtype else {
      throw NetworkError.expected(
        "layer \(label)", "[\(x.shape[0]), \(width)] \(x.dtype) from its forward", "\(y.shape) \(y.dtype)")
    }
    return y
  }
}
