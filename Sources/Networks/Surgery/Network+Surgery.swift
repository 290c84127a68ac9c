import Kernels
import Tensors

/// What the surgery verbs can be told.
public enum NormalisationPlace: String, CaseIterable, Sendable {
  /// Between the Linear and the activation.
  case before
  /// After the activation.
  case after
  /// Nowhere; what was learned is kept.
  case off
  /// Where it last stood, before the activation at first.
  case on
}

/// What a surgery changes of a normalisation; nil leaves a setting as it is, or at its default where it is new.
public struct NormalisationOptions: Sendable {
  /// What is added to the variance inside the root.
  public var eps: Double?
  /// Whether gamma and beta apply.
  public var affine: Bool?
  /// The weight of the new batch in the running statistics.
  public var momentum: RunningMomentum?
  /// Which statistics batch normalisation takes and what training changes.
  public var mode: NormalisationMode?

  /// Makes options; nil leaves a setting alone.
  public init(
    eps: Double? = nil, affine: Bool? = nil, momentum: RunningMomentum? = nil, mode: NormalisationMode? = nil
  ) {
    self.eps = eps
    self.affine = affine
    self.momentum = momentum
    self.mode = mode
  }

  /// Refuses numbers out of range, and a mode for anything but batch normalisation.
  func check(_ type: NormalisationKind?, _ who: String) throws {
    if let eps { _ = try Normalisation.checkedEps(eps, who) }
    if case .weight(let weight) = momentum { _ = try Normalisation.checkedMomentum(weight, who) }
    _ = try Normalisation.checkedMode(mode, type, who)
  }

  /// The options as a user would type them behind a first argument, with `position` before them; empty without any.
  func text(position: NormalisationPlace = .on) -> String {
    let place = position == .before || position == .after ? "position=\"\(position)\"" : nil
    let parts = [
      place, eps.map { "eps=\(Losses.text($0))" }, affine.map { "affine=\($0)" }, momentumText,
      mode.map { "mode=\"\($0)\"" },
    ].compactMap { $0 }
    return parts.isEmpty ? "" : ", {\(parts.joined(separator: ", "))}"
  }

  private var momentumText: String? {
    switch momentum {
    case .weight(let weight): "momentum=\(Losses.text(weight))"
    case .cumulative: "momentum=\"cumulative\""
    case nil: nil
    }
  }
}

extension Network {
  /// How many surgeries are remembered and can be undone.
  public static let longestHistory = 100

  /// Where batch normalisation stands: `before`, `after`, `off`, or `mixed` where blocks differ.
  ///
  /// `row`, from 0, asks one row alone.
  ///
  /// - Throws: `NetworkError` where there is no place for a normalisation.
  public func batchnorm(row: Int? = nil) throws -> String {
    let answers = try sites("batchnorm", row: row).map { site in
      site.norm?.type == .batch ? site.position?.rawValue ?? "off" : "off"
    }
    return Set(answers).count == 1 ? answers[0] : "mixed"
  }

  /// Sets batch normalisation on, off, or elsewhere, in every place for one or in that of `row` (from 0) alone.
  ///
  /// - Throws: `NetworkError` where there is no place, and for options out of range.
  public func batchnorm(
    _ place: NormalisationPlace, options: NormalisationOptions = NormalisationOptions(), row: Int? = nil
  ) throws {
    let word = place == .on ? "true" : "\"\(place)\""
    try operate(.batch, place, options, row, who: "batchnorm", text: "batchnorm(\(word)\(options.text()))")
  }

  /// Sets normalisation of any kind; nil takes all off.
  ///
  /// - Throws: `NetworkError` where there is no place, and for options out of range.
  public func normalize(
    _ type: NormalisationKind?, place: NormalisationPlace = .on, options: NormalisationOptions = NormalisationOptions(),
    row: Int? = nil
  ) throws {
    let text = "normalize(\"\(type?.rawValue ?? "none")\"\(options.text(position: place)))"
    try operate(type, type == nil ? .off : place, options, row, who: "normalize", text: text)
  }

  /// Replaces the nonlinearity of every block, or of each activation that follows a Linear.
  ///
  /// - Throws: `NetworkError` where there is none.
  public func activation(_ function: ActivationFunction, slope: Double? = nil, row: Int? = nil) throws {
    let sites = try sites("activation", row: row)
    let fresh = try sites.map { _ in try Activation(function, slope: slope, dtype: dtype) }
    try note("activation(\"\(function.name)\"\(slope.map { ", \(Losses.text($0))" } ?? ""))", row)
    for (site, activation) in zip(sites, fresh) { place(activation, at: site) }
    structureChanged()
  }

  /// The name of the nonlinearity, or `mixed`.
  ///
  /// - Throws: `NetworkError` where there is none.
  public func activation(row: Int? = nil) throws -> String {
    let names = try sites("activation", row: row).map(\.activation.function.name)
    return Set(names).count == 1 ? names[0] : "mixed"
  }

  /// Draws all Linear weights anew and sets their biases to 0; normalisations and their statistics stay.
  ///
  /// They come from `seed`, else from `generator`, else from the network's own generator.
  ///
  /// - Throws: `NetworkError` where no Linear has its weights yet; what a custom initialiser throws, with the weights as
  ///   they were.
  public func initialise(
    _ initialiser: Initialiser, seed: UInt64? = nil, generator: Generator? = nil, row: Int? = nil
  ) throws {
    let seedText = seed.map { ", {seed=\($0)}" } ?? ""
    let stream = seed.map { Generator(seed: $0, for: .weights) } ?? generator ?? self.generator
    try redraw("init", text: "init(\(initialiser.arguments)\(seedText))", row) { linears in
      for linear in linears { try linear.draw(initialiser, stream) }
    }
  }

  /// Notes a surgery that draws weights anew, and does it; where it fails, they are as they were.
  func redraw(_ who: String, text: String, _ row: Int? = nil, _ draw: ([Linear]) throws -> Void) throws {
    let chosen = row.map { rows.indices.contains($0) ? [rows[$0]] : [] } ?? rows
    let linears = chosen.flatMap(\.components).compactMap { $0 as? Linear }.filter { $0.weight != nil }
    guard !linears.isEmpty else {
      throw NetworkError.expected(who, "a Linear that knows its inputs", "none; run a forward first")
    }
    connectActivations()
    let held = surgeries
    try note(text, row, copying: linears.flatMap { $0.parameters.map(\.tensor) })
    do {
      try draw(linears)
    } catch {
      try abandon(held)
      throw error
    }
  }

  /// Takes the last surgery back, bit for bit; what training has changed since in other weights stays.
  ///
  /// - Throws: `NetworkError.noSurgery` when there is none; `NetworkError` where two layers would have one name since.
  public func undo() throws {
    guard let last = surgeries.last else { throw NetworkError.noSurgery }
    try requireIdle("undo")
    try last.checkNames()
    try last.restore(self)
    surgeries.removeLast()
  }

  /// Takes back a surgery that has failed, and has the history be as it was.
  func abandon(_ held: [Surgery]) throws {
    try surgeries.last?.restore(self)
    surgeries = held
  }

  /// Notes the state before a surgery; `heir` is a layer that gets the name of another in it.
  ///
  /// `place` is how a user reaches what alone is changed, such as `[2]`.
  func note(
    _ text: String, _ row: Int? = nil, place: String? = nil, copying weights: [Tensor] = [], trained: [Tensor] = [],
    heir: Layer? = nil
  ) throws {
    try requireIdle(text.prefix { $0 != "(" }.description)
    let place = (place ?? row.map { "[\($0 + 1)]" }).map { $0 + ":" } ?? ""
    surgeries.append(try Surgery(place + text, self, copying: weights, trained: trained, heir: heir))
    // Each may hold a copy of all weights.
    if surgeries.count > Network.longestHistory { surgeries.removeFirst() }
  }

  /// Tells each Linear which activation follows it, for gains that depend on it.
  func connectActivations() {
    for site in (try? sites("init")) ?? [] { site.linear?.activationAfter = site.activation }
  }

  /// Tells each Linear which activation follows it, and gives weights drawn before that was known the gain they ask for.
  func settleGains() throws {
    for site in (try? sites("init")) ?? [] { try site.linear?.settleGain(for: site.activation) }
  }

  private func operate(
    _ type: NormalisationKind?, _ place: NormalisationPlace, _ options: NormalisationOptions, _ row: Int?, who: String,
    text: String
  ) throws {
    let sites = try sites(who, row: row)
    try options.check(type, who)
    if type != nil, let open = sites.first(where: { $0.features == nil }) {
      throw NetworkError.expected(
        who, "layers that know their features", "layer \(label(open.row)) without; run a forward first")
    }
    // the shelves must know what stands there before the state is noted
    let shelves = sites.map(shelf(of:))
    let held = surgeries
    try note(text, row)
    do {
      try put(type, place, options, zip(sites, shelves))
    } catch {
      try abandon(held)
      throw error
    }
    structureChanged()
  }

  private func put(
    _ type: NormalisationKind?, _ place: NormalisationPlace, _ options: NormalisationOptions,
    _ sites: Zip2Sequence<[Site], [NormalisationShelf]>
  ) throws {
    for (site, shelf) in sites {
      guard let type, place != .off else {
        if type == nil || site.norm?.type == type { self.place(nil, .before, at: site) }
        continue
      }
      let position = position(place, type, shelf, site)
      let norm = try shelf.take(type, position) {
        try Normalisation(type, features: site.features ?? 1, eps: options.eps ?? MLPOptions().eps, dtype: dtype)
      }
      shelf.lastPosition[type] = position
      norm.take(options)
      self.place(norm, position, at: site)
    }
  }

  private func position(
    _ place: NormalisationPlace, _ type: NormalisationKind, _ shelf: NormalisationShelf, _ site: Site
  ) -> NormalisationPosition {
    switch place {
    case .before: .before
    case .after: .after
    case .on, .off: shelf.lastPosition[type] ?? site.block?.normPosition ?? .before
    }
  }
}
