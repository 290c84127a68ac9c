import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What becomes of a figure's file when gnuplot goes wrong: the one that was there stays, and nothing else does.
@Suite struct FigureFileTests {
  @Test(arguments: ["svg", "png", "pdf", "html"]) func aFailingGnuplotLeavesTheFileAsItWas(ending: String) throws {
    let directory = try Directory()
    let gnuplot = try directory.script("printf '<?xml'; echo 'line 0: no font' >&2; exit 4")
    let outcome = try draw(ending, directory, gnuplot)
    let who = ending == "html" ? "report:report" : "report:plot"
    #expect(
      outcome.output == "\(who): expected a picture from '\(gnuplot)', got exit status 4: line 0: no font\nold\n")
    #expect(outcome.errors == "" && outcome.status == 0)
    #expect(try directory.names() == ["figure.\(ending)", "gnuplot"])
  }

  @Test func aMissingGnuplotIsToldWithItsCure() throws {
    let directory = try Directory()
    let outcome = try draw("svg", directory, "/nonexistent/gnuplot")
    #expect(
      outcome.output
        == "report:plot: expected the program '/nonexistent/gnuplot', which draws figures into files, got none; "
        + "install it with 'apt-get install gnuplot-nox', or leave out the path to draw in the terminal\nold\n")
    #expect(try directory.names() == ["figure.svg"])
  }

  @Test func controlCStopsGnuplotAndLeavesTheFileAsItWas() throws {
    let directory = try Directory()
    let mark = "87\(UInt32.random(in: 100_000_000...999_999_999))"
    // as the terminal does, but surely while it is waited for
    let gnuplot = try directory.script("kill -INT $PPID; sleep \(mark)")
    let outcome = try Child.run(
      Child.built("sonde"), try arguments("svg", directory), environment: ["SONDE_GNUPLOT": gnuplot], seconds: 60)
    #expect(outcome.output == "" && outcome.errors.contains("interrupted!"), "\(outcome)")
    #expect(try directory.names() == ["figure.svg", "gnuplot"])
    let processes = try Child.run("/bin/sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"])
    #expect(!processes.output.split(separator: "\n").contains { $0 == mark })
  }

  /// Draws over a file that holds `old`, and prints the message and what the file holds then.
  private func draw(_ ending: String, _ directory: Directory, _ gnuplot: String) throws -> Child.Outcome {
    try Child.run(
      Child.built("sonde"), try arguments(ending, directory), environment: ["SONDE_GNUPLOT": gnuplot], seconds: 60)
  }

  private func arguments(_ ending: String, _ directory: Directory) throws -> [String] {
    let method = ending == "html" ? "report" : "plot"
    let program = """
      local path = "\(directory.path)/figure.\(ending)"
      local file = io.open(path, "w"); file:write("old"); file:close()
      local r = nn.mlp{inputs=4, width=4, depth=2}:probe(sonde.randn(9, 4))
      local ok, message = pcall(r.\(method), r, path)
      if message:find("interrupted") then error(message, 0) end
      print((message:gsub("^.-:%d+: ", ""))); print(io.open(path):read("a"))
      """
    return ["-e", program]
  }
}

/// A directory for one test, gone with it.
private final class Directory {
  let path: String

  init() throws {
    var template = Array("/tmp/sonde-figures-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Child.Failure.unstartable("mkdtemp", errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? Child.run("/bin/rm", ["-r", path]) }

  func names() throws -> [String] {
    try Child.run("/bin/ls", ["-A", path]).output.split(separator: "\n").map(String.init)
  }

  /// A shell script in gnuplot's place.
  func script(_ text: String) throws -> String {
    let name = "\(path)/gnuplot"
    let command = "printf '%s\\n' '#!/bin/sh' \"$1\" > \"$0\" && chmod 700 \"$0\""
    _ = try Child.run("/bin/sh", ["-c", command, name, text])
    return name
  }
}
