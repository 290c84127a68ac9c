import CLua
import Networks

/// The networks that a session has operated on, so that the last surgery can be found.
struct SurgeryLog {
  private struct Patient {
    weak var network: Network?
  }

  private var patients: [Patient] = []
  private var newest = 0

  /// Notes a network if it was operated on since the last note.
  mutating func note(_ network: Network) {
    guard network.lastSurgery > newest else { return }
    newest = network.lastSurgery
    patients.removeAll { $0.network == nil || $0.network === network }
    patients.append(Patient(network: network))
  }

  /// The network whose last surgery is the latest; nil where there is none to take back.
  var last: Network? {
    let networks = patients.compactMap(\.network).filter { $0.lastSurgery > 0 }
    return networks.max { $0.lastSurgery < $1.lastSurgery }
  }
}

extension Session {
  /// Notes that a network, or one that a layer is part of, may have been operated on; what the library does to copies does not count.
  func noteSurgery(on receiver: AnyObject) {
    guard libraryDepth == 0 else { return }
    if let network = receiver as? Network { return surgeryLog.note(network) }
    guard let handle = receiver as? LayerHandle, let network = handle.network ?? handle.layer.owner else { return }
    surgeryLog.note(network)
  }
}

extension FunctionRecord {
  /// `sonde.undo`.
  static let undoLast = FunctionRecord(
    "sonde.undo", "Takes back the last surgery of the network that was operated on last.",
    returns: "what was taken back, as a user would type it, and the network",
    errors: "no surgery to take back",
    example:
      "local net = nn.mlp{inputs=4, width=4, depth=2}; net:batchnorm('after'); "
      + "local text, patient = sonde.undo(); assert(text == 'batchnorm(\"after\")' and patient == net)"
  ) { call in
    guard let network = call.session.surgeryLog.last, let text = network.history.last else {
      throw call.failure(
        "expected a surgery to take back, got none; net:batchnorm, net:init and their like are surgeries")
    }
    try network.undo()
    return try call.push(text) + call.push(network, .network)
  }
}

extension Session {
  /// Whether there is a surgery that `sonde.undo` would take back.
  public var hasSurgeryToUndo: Bool { surgeryLog.last != nil }
}
