import CLua
import Kernels
import Tensors

/// What C does to tensors without a `Call`: operations on every element, where nothing is unusual about their operands.
///
/// Unusual is what `Tensor.applyPlainly` refuses, a tensor that the tape follows, and a session that looks for anomalies. The
/// record does it then, so that there is one place for broadcasting, conversions, gradients and errors.
struct DirectMethod: Sendable {
  enum Operation: Hashable, Sendable {
    case binary(BinaryOperation)
    case unary(UnaryOperation)
  }

  /// The number that C passes: the operation's place in `operations` behind the flags.
  let number: Int32

  init?(_ operation: Operation, inPlace: Bool = false) {
    guard let place = DirectMethod.operations.firstIndex(of: operation) else { return nil }
    var number = Int32(place) << 2
    if inPlace { number |= Int32(SONDE_DIRECT_IN_PLACE) }
    if case .unary = operation { number |= Int32(SONDE_DIRECT_UNARY) }
    self.number = number
  }

  static let operations: [Operation] =
    BinaryOperation.allCases.map(Operation.binary) + UnaryOperation.allCases.map(Operation.unary)
}

@c @implementation
func sonde_swift_direct_number(_ event: Int32) -> Int32 {
  guard let event = ObjectEvent(rawValue: event) else { return -1 }
  if event == .unm { return DirectMethod(.unary(.negative))?.number ?? -1 }
  return event.binary.flatMap { DirectMethod(.binary($0))?.number } ?? -1
}

@c @implementation
func sonde_swift_direct(
  _ pointer: UnsafeMutableRawPointer?, _ method: Int32, _ operands: UnsafePointer<SondeOperand>?, _ count: Int32,
  _ result: UnsafeMutablePointer<SondeBox>?
) -> Int32 {
  guard let pointer, let operands else { return 0 }
  return Unmanaged<Session>.fromOpaque(pointer)._withUnsafeGuaranteedRef { session in
    if session.watchesAnomalies { return 0 }
    do {
      switch session.directOperations[Int(method >> 2)] {
      case .binary(let operation) where count == 2:
        guard let result else { return try changeDirectly(operation, operands[0], operands[1]) }
        return try fill(result, applyDirectly(operation, operands[0], operands[1], session.spare))
      case .unary(let operation) where count == 1:
        return try operands[0].withTensor { tensor in
          guard let result else { return try tensor.applyPlainlyInPlace(operation) ? 1 : 0 }
          return try fill(result, tensor.applyingPlainly(operation, spare: session.spare))
        } ?? 0
      default: return 0
      }
    } catch is Interrupted {
      return Int32(SONDE_INTERRUPTED)
    } catch {
      // nothing has been written: the record meets the same error and tells it
      return 0
    }
  }
}

@inline(__always)
private func changeDirectly(
  _ operation: BinaryOperation, _ left: SondeOperand, _ right: SondeOperand
) throws -> Int32 {
  try left.withTensor { target in
    guard right.tensor != nil else { return try target.applyPlainlyInPlace(operation, right.number) ? 1 : 0 }
    return try right.withTensor { try target.applyPlainlyInPlace(operation, $0) ? 1 : 0 } ?? 0
  } ?? 0
}

@inline(__always)
private func applyDirectly(
  _ operation: BinaryOperation, _ left: SondeOperand, _ right: SondeOperand, _ spare: SpareTensor
) throws -> Tensor? {
  guard left.tensor != nil else {
    return try right.withTensor { try Tensor.applyPlainly(operation, left.number, $0, spare: spare) } ?? nil
  }
  return try left.withTensor { a in
    guard right.tensor != nil else { return try Tensor.applyPlainly(operation, a, right.number, spare: spare) }
    return try right.withTensor { try Tensor.applyPlainly(operation, a, $0, spare: spare) } ?? nil
  } ?? nil
}

@inline(__always)
private func fill(_ box: UnsafeMutablePointer<SondeBox>, _ tensor: consuming Tensor?) -> Int32 {
  guard let tensor else { return 0 }
  sonde_box_fill(box, Unmanaged.passRetained(tensor).toOpaque())
  return 1
}

extension SondeOperand {
  /// Calls `body` with the tensor, which the stack keeps alive; nil for a number, and for a tensor that the tape follows.
  @inline(__always)
  fileprivate func withTensor<Result>(_ body: (Tensor) throws -> Result) rethrows -> Result? {
    guard let tensor else { return nil }
    return try Unmanaged<Tensor>.fromOpaque(tensor)._withUnsafeGuaranteedRef { tensor in
      tensor.hasHistory ? nil : try body(tensor)
    }
  }
}
