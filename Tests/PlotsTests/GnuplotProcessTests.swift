import TestSupport
import Testing

@testable import Plots

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Programs that stand in for gnuplot and go wrong; whatever they do, it is told, and nothing of them stays.
@Suite struct GnuplotProcessTests {
  @Test func aMissingProgramIsTold() {
    let error = failure("/nonexistent/gnuplot")
    #expect(error == .missing(program: "/nonexistent/gnuplot"))
    #expect(
      error?.description
        == "expected the program '/nonexistent/gnuplot', which draws figures into files, got none; "
        + "install it with 'apt-get install gnuplot-nox', or leave out the path to draw in the terminal")
    #expect(failure("no-such-gnuplot-in-path") == .missing(program: "no-such-gnuplot-in-path"))
    #expect(failure("gnu\0plot") == .unstartable(program: "gnu\0plot", code: ENOENT))
    #expect(failure("/tmp") == .unstartable(program: "/tmp", code: EACCES))
  }

  @Test func whatItSaysWhenItFailsIsTold() throws {
    let said = try fake("echo; echo 'gnuplot> plot x'; echo '        ^'; echo '   line 0: no such thing' >&2; exit 3")
    #expect(said.error == .failed(program: said.path, status: 3, message: "line 0: no such thing"))
    #expect(
      said.error?.description
        == "expected a picture from '\(said.path)', got exit status 3: line 0: no such thing")
    let silent = try fake("exit 1")
    #expect(silent.error?.description == "expected a picture from '\(silent.path)', got exit status 1 without a word")
    let odd = try fake("printf '\\377\\376 no font\\nand more\\n' >&2; exit 2")
    #expect(odd.error == .failed(program: odd.path, status: 2, message: "\u{fffd}\u{fffd} no font"))
  }

  @Test func dyingHalfWayIsTold() throws {
    let killed = try fake("printf '<?xml version'; kill -9 $$")
    #expect(killed.error == .failed(program: killed.path, status: 137, message: ""))
    #expect(
      killed.error?.description == "expected a picture from '\(killed.path)', got its end by signal 9 without a word")
    let cut = try fake("printf '<?xml version'; exit 0")
    #expect(cut.error == .incomplete(program: cut.path, format: .svg, count: 13))
    let empty = try fake("exit 0")
    #expect(empty.error?.description == "expected a whole svg from '\(empty.path)', got nothing")
  }

  /// It ends without reading a script that is longer than any buffer: no SIGPIPE.
  @Test func aReaderThatIsGoneIsNoSignal() throws {
    let large = Figure(columns: [
      .init([Panel(marks: [.scatter(Series(x: (0..<200_000).map(Double.init), y: (0..<200_000).map(Double.init)))])])
    ])
    let gone = try fake("exec <&-; exit 7", figure: large)
    #expect(gone.error == .failed(program: gone.path, status: 7, message: ""))
  }

  @Test func hangingEndsInTimeAndWithAllItStarted() throws {
    let mark = "86\(UInt32.random(in: 100_000_000...999_999_999))"
    let hanging = try fake("sleep \(mark) & sleep \(mark); wait", seconds: 0.3)
    #expect(hanging.error == .late(program: hanging.path, seconds: 0.3))
    #expect(try processes(naming: mark) == [])
    let deaf = try fake("exec <&- >&- 2>&-; exec sleep \(mark)", seconds: 0.3)
    #expect(deaf.error == .late(program: deaf.path, seconds: 0.3))
    #expect(try processes(naming: mark) == [])
    // what it leaves running behind it keeps nobody waiting
    let leaving = try fake("sleep \(mark) & exit 5")
    #expect(leaving.error == .failed(program: leaving.path, status: 5, message: ""))
    #expect(try processes(naming: mark) == [])
  }

  @Test func anEndlessPictureIsStopped() throws {
    let endless = try fake("exec cat /dev/zero")
    #expect(endless.error == .tooLarge(program: endless.path, limit: 64 << 20))
  }

  @Test func manyPicturesLeaveNoFilesOpen() throws {
    let before = try openFiles()
    for _ in 0..<20 { _ = try fake("exit 1") }
    // other tests of the process open files at the same time, but not twenty times three
    #expect(try openFiles() < before + 40)
  }

  private func openFiles() throws -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
  }

  /// The processes whose arguments hold a word, a moment after their end was asked for.
  private func processes(naming word: String) throws -> [String] {
    var found: [String] = []
    for _ in 0..<50 {
      let outcome = try Child.run("/bin/sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"])
      found = outcome.output.split(separator: "\n").filter { $0 == word }.map(String.init)
      if found.isEmpty { break }
      poll(nil, 0, 20)
    }
    return found
  }

  private func failure(_ program: String) -> GnuplotError? {
    do {
      _ = try Gnuplot.picture(Sample.figure, .svg, program: program)
      return nil
    } catch {
      return error as? GnuplotError
    }
  }

  /// Runs a shell script in gnuplot's place.
  private func fake(
    _ script: String, figure: Figure = Sample.figure, seconds: Double = 20
  ) throws -> (path: String, error: GnuplotError?) {
    var path = Array("/tmp/sonde-fake-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = "#!/bin/sh\n\(script)\n"
    _ = text.withCString { write(file, $0, strlen($0)) }
    fchmod(file, 0o700)
    close(file)
    defer { unlink(name) }
    do {
      _ = try Gnuplot.picture(figure, .svg, program: name, seconds: seconds)
      return (name, nil)
    } catch {
      return (name, error as? GnuplotError)
    }
  }
}
