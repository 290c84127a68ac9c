import CProcessor
@_exported import KernelBase
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The levels of x86-64 that kernels are compiled for, each a module made of `Sources/KernelLoops`.
///
/// Results are the same at every level, bit for bit, save for the sign of NaN, which depends on the order of operands that the
/// compiler chooses. Other processors have one level, `v1`.
public enum InstructionSet: UInt8, CaseIterable, Sendable {
  /// What every processor of the family has: vectors of 16 bytes, SSE2.
  case v1 = 1
  /// AVX2: vectors of 32 bytes.
  case v3 = 3
  /// AVX-512: vectors of 64 bytes.
  case v4 = 4

  /// The variable of the environment that says which level is used.
  public static let variable = "SONDE_ISA"

  /// The name as `variable` has it, for example `v3`.
  public var name: String { "\(self)" }

  /// The level whose kernels run: what `variable` says, or else the highest that this machine can run.
  ///
  /// It is found when it is first asked for.
  public static var current: InstructionSet {
    @inline(__always) get { InstructionSet(rawValue: chosen.load(ordering: .relaxed)) ?? decide() }
  }

  /// The highest level that this machine can run.
  public static var highest: InstructionSet { upTo(Int(processor_level())) }

  /// The levels that this machine can run, ascending.
  public static var supported: [InstructionSet] { allCases.filter { $0.rawValue <= highest.rawValue } }

  /// The level of `current`, 0 before it is known.
  private static let chosen = Atomic<UInt8>(0)

  /// The highest level that has kernels and is not beyond the processor's: 2 has none of its own.
  private static func upTo(_ level: Int) -> InstructionSet {
    allCases.last { Int($0.rawValue) <= level } ?? .v1
  }

  @inline(never)
  private static func decide() -> InstructionSet {
    let level = (try? requested()) ?? highest
    use(level)
    return level
  }

  /// Makes the kernels that are called from now on those of one level, for tests that compare them.
  ///
  /// The machine must support it.
  package static func use(_ level: InstructionSet) { chosen.store(level.rawValue, ordering: .relaxed) }

  /// The level that the environment asks for, nil where it says nothing.
  ///
  /// - Throws: `InstructionSetError` when it names no level, or one that this machine can't run.
  public static func requested() throws -> InstructionSet? {
    guard let value = getenv(variable) else { return nil }
    return try level(named: String(cString: value), processor: Int(processor_level()))
  }

  /// The level called `name` on a processor of a certain level.
  ///
  /// - Throws: `InstructionSetError` when there is none, or the processor can't run it.
  static func level(named name: String, processor: Int) throws -> InstructionSet {
    guard let level = ["v1", "v2", "v3", "v4"].firstIndex(of: name).map({ $0 + 1 }) else {
      throw InstructionSetError.unknown(name)
    }
    guard level <= processor else { throw InstructionSetError.unsupported(name, processor: processor) }
    return upTo(level)
  }
}

/// Why a level of instructions can't be used.
public enum InstructionSetError: Error, Equatable, CustomStringConvertible {
  /// No level has this name.
  case unknown(String)
  /// The processor's own level is lower.
  case unsupported(String, processor: Int)

  /// What to tell the user.
  public var description: String {
    switch self {
    case .unknown(let name):
      "\(InstructionSet.variable): expected v1, v2, v3 or v4, got '\(name)'; without it the highest that runs here is taken"
    case .unsupported(let name, let processor):
      "\(InstructionSet.variable): expected at most v\(processor), which is what this processor has, got '\(name)'"
    }
  }
}
