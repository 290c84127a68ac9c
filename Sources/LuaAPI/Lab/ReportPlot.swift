import CLua
import Files
import Kernels
import Lab
import Plots
import Tensors

extension FunctionRecord {
  /// What draws reports.
  static let reportFigureMethods: [FunctionRecord] = [reportPlot, reportPage]

  private static let reportPlot = FunctionRecord(
    "report:plot",
    "Draws the distributions of all layers in one panel, and the spread of h, dL/dh and dL/dW per layer over the prediction.",
    [
      Parameter(
        "path", .string, default: "nil", "a file .svg, .png or .pdf, replaced whole or not at all; else it is printed")
    ],
    options: Parameter.figureOptions,
    returns: "nothing, or the lines with text=true",
    errors: "another ending, a path that can't be written, a file without gnuplot",
    example: """
      local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8))
      assert(r:plot{text=true}:find('std of activations', 1, true))
      local path = os.tmpname() .. '.svg'; r:plot(path); os.remove(path)
      """,
    receiver: .report
  ) { call in
    let report = call.object(ReportHandle.self).report
    let figure = ReportFigure(report, prediction: try report.prediction()).figure
    return try call.show(asAskedFor: figure, path: call.argument(0).asString)
  }

  private static let reportPage = FunctionRecord(
    "report:report",
    "Writes one page that needs nothing but itself: the figure, the diagnosis, a table to sort, the theory, the settings and the seed.",
    [Parameter("path", .string, "a file .html, which is replaced whole or not at all")],
    options: [Parameter("title", .string, default: "nil", "the heading; else what was probed")],
    returns: "the report itself",
    errors: "another ending, a path that can't be written, a machine without gnuplot",
    example: """
      local path = os.tmpname() .. '.html'
      nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)):report(path, {title='small net'})
      assert(io.open(path):read('a'):find('<h1>small net</h1>', 1, true)); os.remove(path)
      """,
    receiver: .report
  ) { call in
    let path = try call.string(0)
    guard ["html", "htm"].contains(fileEnding(of: path)) else {
      throw call.wrongEnding(of: path, expected: ".html")
    }
    let page = try ReportPage(call.object(ReportHandle.self).report, title: call.option("title").asString)
    try AtomicFile.replace(Origin(operation: call.who, path: path)) { file in
      try file.write(page.text(figure: try call.picture(page.figure, .svg)))
    }
    return call.pushSelf()
  }
}
