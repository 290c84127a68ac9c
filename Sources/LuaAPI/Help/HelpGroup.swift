/// Functions that belong together, of which each page names the others.
struct HelpGroup: Sendable {
  let title: String
  /// Full names, the ones that belong most together side by side.
  let members: [String]
  /// The topics that tell more.
  let topics: [String]

  /// Makes a group of names between blanks.
  init(_ title: String, _ members: String, topics: [String] = []) {
    self.title = title
    self.members = members.split { $0.isWhitespace }.map(String.init)
    self.topics = topics
  }

  /// The groups that a name is in; `t:add_` is where `t:add` is.
  static func containing(_ name: String) -> [HelpGroup] {
    let plain = name.hasSuffix("_") ? String(name.dropLast()) : name
    return all.filter { $0.members.contains(name) || $0.members.contains(plain) }
  }

  /// Every group, in the order in which modules tell of them.
  static let all = basic + tensors + networks + trainings + measurements
}

extension HelpGroup {
  private static let basic = [
    HelpGroup("help", "sonde.help sonde.reference sonde.inspect", topics: ["prompt"]),
    HelpGroup(
      "session", "sonde.default_dtype sonde.threads sonde.time sonde.memory sonde.seed sonde.anomaly",
      topics: ["random", "errors"]),
    HelpGroup(
      "files", "sonde.save sonde.load sonde.load_report sonde.load_recorder nn.load data.csv data.npy data.idx",
      topics: ["files"]),
  ]

  private static let tensors = [
    HelpGroup(
      "making tensors",
      """
      sonde.tensor sonde.zeros sonde.ones sonde.full sonde.empty sonde.eye sonde.arange sonde.linspace sonde.meshgrid
      sonde.zeros_like sonde.ones_like sonde.full_like sonde.empty_like sonde.rand_like sonde.randn_like
      """, topics: ["tensors"]),
    HelpGroup(
      "drawing at random",
      """
      sonde.seed sonde.generator sonde.random_state sonde.rand sonde.randn sonde.uniform sonde.normal
      sonde.truncated_normal sonde.exponential sonde.bernoulli sonde.randint sonde.randperm sonde.permutation
      sonde.choice sonde.multinomial sonde.rand_like sonde.randn_like
      """, topics: ["random"]),
    HelpGroup(
      "drawing in place",
      """
      tensor:uniform_ tensor:normal_ tensor:truncated_normal_ tensor:exponential_ tensor:bernoulli_ tensor:randint_
      """, topics: ["random"]),
    HelpGroup("generators", "sonde.generator generator:state generator:set_state generator:clone", topics: ["random"]),
    HelpGroup(
      "joining and choosing",
      "sonde.cat sonde.stack sonde.where sonde.maximum sonde.minimum tensor:split tensor:chunk tensor:unbind",
      topics: ["tensors"]),
    HelpGroup(
      "shapes",
      """
      tensor:reshape tensor:view tensor:flatten tensor:unflatten tensor:squeeze tensor:unsqueeze tensor:expand
      tensor:expand_as tensor:view_as tensor:reshape_as tensor:t tensor:transpose tensor:permute tensor:movedim
      tensor:swapaxes tensor:swapdims tensor:dim tensor:numel tensor:size
      """, topics: ["tensors"]),
    HelpGroup(
      "copies and numbers",
      """
      tensor:clone tensor:contiguous tensor:is_contiguous tensor:to tensor:copy_ tensor:fill_ tensor:zero_ tensor:item
      tensor:totable
      """, topics: ["tensors"]),
    HelpGroup(
      "parts",
      """
      tensor:narrow tensor:select tensor:chunk tensor:split tensor:unbind tensor:tile
      tensor:repeat_interleave tensor:flip tensor:roll
      """, topics: ["indexing"]),
    HelpGroup(
      "picking by index",
      """
      tensor:gather tensor:take_along_dim tensor:index_select tensor:take tensor:scatter tensor:scatter_add
      tensor:index_add tensor:index_copy tensor:index_fill tensor:put tensor:masked_select tensor:masked_fill
      tensor:masked_scatter tensor:where tensor:nonzero tensor:argwhere
      """, topics: ["indexing"]),
    HelpGroup(
      "arithmetic",
      """
      tensor:add tensor:sub tensor:mul tensor:div tensor:floor_divide tensor:mod tensor:fmod tensor:remainder tensor:pow
      tensor:neg tensor:maximum tensor:minimum tensor:lerp tensor:hypot tensor:atan2
      """, topics: ["tensors"]),
    HelpGroup(
      "comparing",
      """
      tensor:eq tensor:ne tensor:lt tensor:le tensor:gt tensor:ge tensor:isclose tensor:allclose tensor:equal
      tensor:logical_and tensor:logical_or tensor:logical_xor tensor:logical_not tensor:isnan tensor:isinf
      tensor:isfinite tensor:nan_to_num
      """, topics: ["indexing"]),
    HelpGroup(
      "functions of every element",
      """
      tensor:abs tensor:sign tensor:square tensor:sqrt tensor:rsqrt tensor:reciprocal tensor:exp tensor:exp2
      tensor:expm1 tensor:log tensor:log2 tensor:log10 tensor:log1p tensor:erf tensor:erfc tensor:sin tensor:cos
      tensor:tan tensor:asin tensor:acos tensor:atan tensor:sinh tensor:cosh tensor:tanh tensor:asinh tensor:acosh
      tensor:atanh
      """, topics: ["tensors"]),
    HelpGroup(
      "rounding",
      "tensor:floor tensor:ceil tensor:round tensor:trunc tensor:frac tensor:clamp tensor:nan_to_num"),
    HelpGroup(
      "activations as functions",
      """
      tensor:relu tensor:leaky_relu tensor:elu tensor:selu tensor:gelu tensor:silu tensor:tanh tensor:sigmoid
      tensor:softplus tensor:hardtanh tensor:softmax tensor:log_softmax
      """, topics: ["activations"]),
    HelpGroup(
      "reductions",
      """
      tensor:sum tensor:nansum tensor:prod tensor:mean tensor:nanmean tensor:var tensor:std tensor:norm tensor:min
      tensor:max tensor:amin tensor:amax tensor:argmin tensor:argmax tensor:all tensor:any tensor:logsumexp
      tensor:count_nonzero tensor:median tensor:quantile tensor:cov tensor:corrcoef
      """, topics: ["tensors"]),
    HelpGroup(
      "order and running sums",
      """
      tensor:sort tensor:argsort tensor:topk tensor:median tensor:quantile tensor:unique tensor:searchsorted
      tensor:bucketize tensor:bincount tensor:histogram tensor:cumsum tensor:cumprod tensor:diff
      """),
    HelpGroup(
      "measuring a tensor", "tensor:stats tensor:histogram tensor:describe stats:histogram stats:log_histogram",
      topics: ["stats"]),
    HelpGroup(
      "matrices",
      """
      tensor:matmul tensor:mm tensor:mv tensor:bmm tensor:dot tensor:outer tensor:t tensor:diagonal tensor:diag
      tensor:trace tensor:tril tensor:triu
      """, topics: ["tensors"]),
    HelpGroup(
      "linear systems",
      """
      sonde.linalg.solve sonde.linalg.solve_triangular sonde.linalg.cholesky sonde.linalg.cholesky_solve
      sonde.linalg.lstsq sonde.linalg.inv sonde.linalg.pinv sonde.linalg.det sonde.linalg.slogdet
      """),
    HelpGroup(
      "decompositions",
      """
      sonde.linalg.svd sonde.linalg.svdvals sonde.linalg.qr sonde.linalg.eigh sonde.linalg.eigvalsh sonde.linalg.norm
      sonde.linalg.cond sonde.linalg.matrix_rank sonde.linalg.matrix_power
      """),
    HelpGroup(
      "gradients",
      """
      sonde.grad sonde.value_and_grad sonde.no_grad sonde.enable_grad sonde.func sonde.gradcheck sonde.anomaly
      tensor:requires_grad_ tensor:backward tensor:retain_grad tensor:detach tensor:detach_ tensor:is_leaf
      tensor:zero_grad
      """, topics: ["autograd"]),
  ]
}
