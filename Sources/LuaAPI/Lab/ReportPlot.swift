import CLua
import Kernels
import Lab
import Plots

extension FunctionRecord {
  /// What draws reports.
  static let reportFigureMethods: [FunctionRecord] = [reportPlot]

  private static let reportPlot = FunctionRecord(
    "report:plot",
    "Draws the distributions of all layers in one panel, and the spread of h, dL/dh and dL/dW per layer over the prediction.",
    [Parameter("path", .string, "a file .svg, .png or .pdf, which is replaced whole or not at all")],
    options: [
      Parameter("width", .integer, default: "1600", "in pixels; of a .pdf, 96 to an inch"),
      Parameter("height", .integer, default: "900", "in pixels"),
    ],
    returns: "the report",
    errors: "another ending, a path that can't be written, a machine without gnuplot",
    example: """
      local path = os.tmpname() .. '.svg'
      local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); r:plot(path)
      assert(io.open(path):read('a'):find('</svg>')); os.remove(path)
      """,
    receiver: .report
  ) { call in
    let figure = ReportFigure(call.object(ReportHandle.self).report).figure
    try call.write(
      figure, to: try call.string(0), width: call.option("width").asInteger, height: call.option("height").asInteger)
    return call.pushSelf()
  }
}
