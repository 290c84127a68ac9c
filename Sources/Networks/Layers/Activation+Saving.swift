import Kernels
import Tensors

extension Activation: SavableLayer {
  static var savedKinds: [String] { ["Activation"] }

  func configuration() throws -> Configuration {
    // a PReLU's slope is a parameter
    guard function == .leakyReLU else { return .layer("Activation", ["function": .text(function.name)]) }
    return .layer("Activation", ["function": .text(function.name), "slope": .number(slope)])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    let name = try saved.text("function")
    guard let function = ActivationFunction(name: name) else {
      let names = ActivationFunction.allCases.map(\.name)
      let nearest = nearestName(to: name, among: names).map { ", did you mean '\($0)'?" } ?? ""
      throw saved.unexpected("function", "the name of an activation", excerpt(name) + nearest)
    }
    if function == .prelu { try saved.claim([1]) }
    return try Activation(
      function, slope: function == .leakyReLU ? try saved.number("slope") : nil, dtype: saved.dtype)
  }
}
