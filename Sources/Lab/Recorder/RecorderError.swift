import Tensors

/// What can go wrong with a recorder, as data; `description` is the one place with the prose.
public enum RecorderError: Error, Equatable {
  /// An option out of range.
  case option(String, atLeast: Int, got: Int)
  /// No stats, or no layers, to record.
  case nothing(String)
  /// A stat that is none; `nearest` is what may have been meant.
  case unknownStatistic(String, nearest: String?)
  /// A position, from 1 or from -1 at the end, where the network has no layer.
  case noLayer(Int, count: Int)
  /// A name that no layer has.
  case unknownLayer(String, nearest: String?)
  /// A network other than the one recorded so far.
  case otherNetwork
  /// A network whose parameters were exchanged between the beginning and the end of a step.
  case changedNetwork
  /// A stat that needs a gradient where no loss is known.
  case needsLoss(String)
  /// A loss of more than one number, or one that does not depend on the output.
  case loss(Extents, dependsOnOutput: Bool)
  /// A step for a recorder that was read from a file.
  case readBack
  /// A step that began before the one before it had ended.
  case openStep
  /// The end of a step that has not begun.
  case noStep
  /// A column that is not recorded; `nearest` is what may have been meant.
  case unknownColumn(String, nearest: String?)
  /// A stat of several columns where one was to be named.
  case severalColumns(String, [String])
  /// Numbers of a file that don't fit each other.
  case unfit(String, got: String)
  /// A unit that no recorded layer has.
  case noUnit(Int, widest: Int)
  /// A layer that is not recorded.
  case unrecordedLayer(String, recorded: [String])
}

extension RecorderError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .option(let name, let least, let got): "sonde.recorder: expected \(name) of at least \(least), got \(got)"
    case .nothing(let what): "sonde.recorder: expected at least one of \(what), got none; leave it out for the default"
    case .unknownStatistic(let name, let nearest):
      "sonde.recorder: unknown stat '\(name)'"
        + (nearest.map { ", did you mean '\($0)'?" }
          ?? "; a stat is a quantity and a figure, as in 'activation.std', or 'update_ratio', 'shift', 'gradient_shift'")
    case .noLayer(let index, let count): "recorder: expected a layer from 1 to \(count), got \(index)"
    case .unknownLayer(let name, let nearest):
      "recorder: unknown layer '\(name)'" + (nearest.map { ", did you mean '\($0)'?" } ?? "; give its position or name")
    case .otherNetwork:
      "recorder: expected the network recorded so far, got another; make a recorder for each network"
    case .changedNetwork:
      "recorder: expected the network as before its update, got other layers or parameters; do surgery between two steps"
    default: whenUsed
    }
  }

  private var whenUsed: String {
    switch self {
    case .needsLoss(let name):
      "recorder:before: '\(name)' needs the gradient of a loss, got no target; give rec:before(net, x, t)"
    case .loss(let shape, dependsOnOutput: true):
      "recorder: expected a loss of one element, got shape \(shape); take its mean"
    case .loss(_, dependsOnOutput: false):
      "recorder: expected a loss that depends on the network's output, got one without a tape; compute it from the output, "
        + "outside no_grad"
    case .readBack: "recorder: expected one that records, got one read from a file, which is to look at; make another"
    case .openStep: "recorder:before: expected rec:after() for the step before, got none; call it after opt:step()"
    case .noStep: "recorder:after: expected a step to end, got none; call rec:before(net, x, t) before opt:step()"
    case .unknownColumn(let name, let nearest):
      "recorder: no column '\(name)'" + (nearest.map { ", did you mean '\($0)'?" } ?? "; rec.columns lists them")
    case .severalColumns(let name, let columns):
      "recorder: expected one column, got '\(name)'; ask for one of \(columns.joined(separator: ", "))"
    case .unfit(let expected, let got): "expected \(expected), got \(got)"
    case .noUnit(let unit, let widest):
      "recorder: expected units up to \(widest), which the widest recorded layer has, got \(unit)"
    case .unrecordedLayer(let name, let recorded):
      "recorder: layer \(name) is not recorded, only \(recorded.joined(separator: ", "))"
    default: ""
    }
  }
}
