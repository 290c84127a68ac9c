/// The settings of a step of stochastic gradient descent; see `OptimiserKernels.sgd`.
public struct DescentSettings: Sendable {
  /// The factor of the step.
  public var rate: Double
  /// How much of the last step is kept.
  public var momentum: Double
  /// How much of the gradient is left out of the momentum.
  public var dampening: Double
  /// Whether the step looks ahead along the momentum.
  public var isNesterov: Bool
  /// The factor of the parameter added to its gradient.
  public var decay: Double
  /// Whether the step goes along the gradient and not against it.
  public var maximises: Bool

  /// Collects the settings.
  public init(
    rate: Double, momentum: Double, dampening: Double, isNesterov: Bool, decay: Double, maximises: Bool = false
  ) {
    self.rate = rate
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = isNesterov
    self.decay = decay
    self.maximises = maximises
  }
}

/// The settings of a step of Adam; see `OptimiserKernels.adam`.
public struct AdamSettings: Sendable {
  /// The factor of the step, before the correction of the mean's bias.
  public var rate: Double
  /// How much the mean keeps of itself.
  public var beta1: Double
  /// How much the mean square keeps of itself.
  public var beta2: Double
  /// What is added to the root of the mean square.
  public var eps: Double
  /// The factor of weight decay.
  public var decay: Double
  /// Whether weight decay shrinks the parameter itself (AdamW) and doesn't pass through the gradient (Adam).
  public var isDecoupled: Bool
  /// Whether the step goes along the gradient and not against it.
  public var maximises: Bool

  /// Collects the settings.
  public init(
    rate: Double, beta1: Double, beta2: Double, eps: Double, decay: Double, isDecoupled: Bool, maximises: Bool
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    self.decay = decay
    self.isDecoupled = isDecoupled
    self.maximises = maximises
  }
}

/// The settings of a step of RMSprop; see `OptimiserKernels.rmsprop`.
public struct RootMeanSquareSettings: Sendable {
  /// The factor of the step.
  public var rate: Double
  /// How much the mean square keeps of itself.
  public var alpha: Double
  /// What is added to the root of the mean square.
  public var eps: Double
  /// The factor of the parameter added to its gradient.
  public var decay: Double
  /// How much of the last step is kept.
  public var momentum: Double
  /// Whether the step goes along the gradient and not against it.
  public var maximises: Bool

  /// Collects the settings.
  public init(rate: Double, alpha: Double, eps: Double, decay: Double, momentum: Double, maximises: Bool) {
    self.rate = rate
    self.alpha = alpha
    self.eps = eps
    self.decay = decay
    self.momentum = momentum
    self.maximises = maximises
  }
}
