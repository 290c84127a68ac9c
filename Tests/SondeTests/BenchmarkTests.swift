import TestSupport
import Testing

/// `scripts/bench`: what its tables say of samples, and what it does where an engine is missing, fails or is interrupted.
struct BenchmarkTests {
  /// Ratios, shares and medians of these were computed by hand.
  private static let samples = """
    machine\t1\tversion\tcc
    machine\t1\tfma_f32\t0.01
    machine\t1\tfma_f64\t0.02
    machine\t1\tmemcpy_1e6\t1e-5
    machine\t1\tmemcpy_1e8\t0.01
    sonde\t1\tversion\t9.9
    sonde\t1\trelu_batchnorm_f32\t0.05
    sonde\t1\trelu_batchnorm_f32\t0.02
    sonde\t1\trelu_batchnorm_f32\t0.03
    sonde\t1\trelu_batchnorm_f32\t0.09
    sonde\t1\tnorm_small\t4e-4
    sonde\t1\telement\t2e-8
    sonde\t1\tprobe_w1\t0.05
    torch\t1\tversion\t2.0, for CPUs
    torch\t1\trelu_batchnorm_f32\t0.06
    torch\t1\trelu_batchnorm_f32\t0.08
    torch\t1\trelu_batchnorm_f64\t0.15
    sonde\t2\trelu_batchnorm_f32\t0.015

    """

  /// What a summary says of samples, and the files it writes.
  private func summarise(
    _ summary: String, _ samples: String, _ variables: [String] = []
  ) throws -> (outcome: Child.Outcome, place: Workplace) {
    let place = try Workplace()
    place.write("samples", samples)
    let folder = Project.path("scripts/benchmarks")
    let outcome = try place.run(
      ["-F\t", "-v", "list=\(folder)/workloads.txt", "-v", "csv=csv"] + variables
        + ["-f", "\(folder)/samples.awk", "-f", "\(folder)/\(summary)", "samples"], program: "/usr/bin/awk")
    return (outcome, place)
  }

  @Test func minimaMediansRatiosAndSharesAreThoseOfTheSamples() throws {
    let (outcome, place) = try summarise("summary.awk", BenchmarkTests.samples, ["-v", "markdown=markdown"])
    #expect(outcome.errors == "" && outcome.status == 0)
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      lines == [
        "th minimum median limit x sonde x base",
        "1e9 float32 operations in registers 1 machine 10.00 10.00 ms 100.0 GFLOP/s",
        "1e9 float64 operations in registers 1 machine 20.00 20.00 ms 50.0 GFLOP/s",
        "memcpy that moves 1 MB 1 machine 0.010 0.010 ms 100.0 GB/s",
        "memcpy that moves 100 MB 1 machine 10.00 10.00 ms 10.0 GB/s",
        // 1.2e9 operations in 0.02 s are 60 GFLOP/s of 100, in 0.06 s a third of that; the medians are those of 4 and of 2
        "W1: 20 x [Linear 100, ReLU, norm] 1 sonde 20.00 40.00 ms 60.0 GFLOP/s 60 % 1.00",
        "1 torch 60.00 70.00 ms 20.0 GFLOP/s 20 % 3.00",
        // of two threads the limit is unknown
        "2 sonde 15.00 15.00 ms 80.0 GFLOP/s 1.00",
        // of the 50 GFLOP/s in float64
        "W1 in float64 1 torch 150.0 150.0 ms 8.0 GFLOP/s 16 %",
        // 2.62 MB in 0.4 ms, of the memcpy that moves nearest to as much
        "W4: batch norm alone, 256x512 1 sonde 0.400 0.400 ms 6.6 GB/s 7 % 1.00",
        "W6: t[3] of 10 float32 1 sonde 20.00 20.00 ns 1.00",
        "probe of W1's net, all stats 1 sonde 50.00 50.00 ms 1.00 2.50",
      ])
    let rows = place.read("csv").split(separator: "\n")
    #expect(
      rows[0] == "workload,threads,engine,version,samples,minimum_s,median_s,gb_per_s,gflop_per_s,percent_of_limit,"
        + "minimum_to_sonde,median_to_sonde,minimum_to_base")
    #expect(rows.contains("relu_batchnorm_f32,1,torch,\"2.0, for CPUs\",2,0.06,0.07,,20.0,20,3.00,1.75,"))
    #expect(rows.contains("probe_w1,1,sonde,\"9.9\",1,0.05,0.05,,,,1.00,1.00,2.50"))
    #expect(rows.count == lines.count)
    #expect(
      place.read("markdown").hasSuffix(
        """
        | workload | threads | sonde | torch |
        |---|---|---|---|
        | W1: 20 x [Linear 100, ReLU, norm] | 1 | 20.00 ms (60 %) | 60.00 ms, 3.0x |
        | W1: 20 x [Linear 100, ReLU, norm] | 2 | 15.00 ms |  |
        | W4: batch norm alone, 256x512 | 1 | 0.400 ms (7 %) |  |
        | W6: t[3] of 10 float32 | 1 | 20.00 ns |  |
        | probe of W1's net, all stats | 1 | 50.00 ms |  |

        """))
  }

  @Test func mediansAreRightWhateverTheOrderAndTheTies() throws {
    // 1 to 101 thousandths in a scattered order, with one of them many times
    let scattered = (0..<101).map { "sonde\t1\tfit\t\(Double(($0 * 37) % 101 + 1) / 1000)" }
    let ties = [String](repeating: "sonde\t1\tprobe_w1\t0.007", count: 500) + ["sonde\t1\tprobe_w1\t0.001"]
    let (_, place) = try summarise("summary.awk", (scattered + ties).joined(separator: "\n") + "\n")
    let csv = place.read("csv")
    #expect(csv.contains("fit,1,sonde,\"\",101,0.001,0.051,"))
    #expect(csv.contains("probe_w1,1,sonde,\"\",501,0.001,0.007,"))
  }

  @Test func exponentsAreSlopesOfTheLogarithms() throws {
    // time 2 d^1.5 of depths, but of the two greatest d^2; width in no pure power
    let samples = """
      sonde\t1\tnet_1_100_1000\t2
      sonde\t1\tnet_4_100_1000\t16
      sonde\t1\tnet_16_100_1000\t128
      sonde\t1\tnet_64_100_1000\t2048
      sonde\t2\tnet_1_100_1000\t1

      """
    let series = "depth net_1_100_1000 net_4_100_1000 net_16_100_1000 net_64_100_1000;threads net_1_100_1000"
    let (outcome, place) = try summarise("scaling.awk", samples, ["-v", "series=\(series)"])
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    // numpy.polyfit(log([1, 4, 16, 64]), log([2, 16, 128, 2048]), 1)[0] is 1.65
    #expect(
      lines == [
        "size th minimum median x sonde",
        "depth 1 sonde 1 2000.000 ms 2000.000 ms 0.0 GFLOP/s 1.00",
        "depth 4 sonde 1 16000.000 ms 16000.000 ms 0.0 GFLOP/s 1.00",
        "depth 16 sonde 1 128000.000 ms 128000.000 ms 0.0 GFLOP/s 1.00",
        "depth 64 sonde 1 2048000.000 ms 2048000.000 ms 0.0 GFLOP/s 1.00",
        "depth sonde 1 time ~ depth^1.65 from 1 to 64, ^2.00 from 16 on",
        "depth 1 sonde 2 1000.000 ms 1000.000 ms 0.1 GFLOP/s 1.00",
        "threads 1 sonde 1 2000.000 ms 2000.000 ms 0.0 GFLOP/s 1.00",
        "threads 2 sonde 2 1000.000 ms 1000.000 ms 0.1 GFLOP/s 1.00",
        "threads sonde time ~ threads^-1.00 from 1 to 2",
      ])
    #expect(place.read("csv").contains("\ndepth,,sonde,1,,,,,,1.65,2.00\n"))
  }

  @Test func aBusyCoreIsComparedWithAQuietMachine() throws {
    let samples = """
      sonde quiet\t1\tdeep_step\t0.1
      sonde quiet\t1\tdeep_step\t0.2
      sonde loaded\t1\tdeep_step\t0.3
      sonde loaded\t1\tdeep_step\t0.6

      """
    let (outcome, place) = try summarise("load.awk", samples, ["-v", "workloads=relu_batchnorm_f32 deep_step"])
    let line = outcome.output.split(separator: "\n").last?.split(separator: " ").joined(separator: " ")
    #expect(line == "deep_step 1 sonde 100.00 ms 150.00 ms 300.00 ms 450.00 ms 3.00 3.00")
    #expect(place.read("csv").hasSuffix("deep_step,1,sonde,0.1,0.15,0.3,0.45,3.000,3.000\n"))
  }

  // MARK: The script

  /// Runs the script with stand-ins for all engines.
  private func bench(_ place: Workplace, _ arguments: [String]) throws -> Child.Outcome {
    let home = place.directory.path
    return try place.run(
      [Project.path("scripts/bench")] + arguments,
      environment: [
        "SONDE": "\(home)/sonde", "CC": "\(home)/cc", "PATH": "\(home):/usr/bin:/bin", "TMPDIR": "\(home)/temporary",
      ], program: "/bin/bash")
  }

  /// A place with stand-ins: a Sonde, a compiler whose programs print one limit, and a Python that has NumPy alone.
  private func standIns(sonde: String, python: String = "exit 1") throws -> Workplace {
    let place = try Workplace()
    place.write("temporary/.keep", "")
    for (name, text) in [
      ("sonde", sonde), ("python3", "case $2 in 'import numpy') exit 0;; 'import torch') exit 1;; esac; \(python)"),
      ("swift", "echo Swift 6"),
      (
        "cc",
        #"while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\nprintf "fma_f32\\t0.01\\n"\n' >"$2"; chmod +x "$2""#
      ),
    ] {
      place.write(name, "#!/bin/sh\n\(text)\n")
      chmodExecutable(place.directory.path + "/" + name)
    }
    return place
  }

  private func chmodExecutable(_ path: String) { _ = try? Child.run("/bin/chmod", ["+x", path]) }

  /// What is left of a run beside what it was told to write.
  private func leftovers(_ place: Workplace) throws -> String {
    try place.run(["-A", place.directory.path + "/temporary"], program: "/bin/ls").output
  }

  @Test func whatIsMissingOrFailsIsSaidAndLeftOut() throws {
    let place = try standIns(
      sonde: #"printf 'relu_batchnorm_f32\t0.02\n'"#,
      python: #"printf 'relu_batchnorm_f32\t0.1\n'; echo "no such kernel" >&2; exit 1"#)
    let outcome = try bench(place, ["--quick", "--threads", "1", "--csv", place.directory.path + "/out.csv", "W1"])
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == """
        bench: torch is not installed and left out
        bench: numpy failed and is left out: no such kernel

        """)
    #expect(outcome.output.contains("turns of machine sonde; "))
    #expect(outcome.output.contains("60.0 GFLOP/s  60 %    1.00"))
    #expect(!outcome.output.contains(" numpy "))
    #expect(place.read("out.csv").contains("relu_batchnorm_f32,1,sonde,\"\",2,0.02,0.02,,60.0,60,1.00,1.00,\n"))
    #expect(try leftovers(place) == ".keep\n")
  }

  @Test func afterCtrlCNoFilesAreLeft() throws {
    // which the terminal sends to the script too
    let place = try standIns(sonde: "kill -INT $PPID; sleep 0.1")
    let outcome = try bench(place, ["--quick", "--threads", "1", "--csv", place.directory.path + "/out.csv", "W1"])
    #expect(outcome.status == 130)
    #expect(try leftovers(place) == ".keep\n")
    #expect(place.read("out.csv") == "")
  }

  @Test func withoutSondeThereIsNothingToCompare() throws {
    let place = try standIns(sonde: "echo 'no library' >&2; exit 1")
    let outcome = try bench(place, ["--quick", "--threads", "1", "W1"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasSuffix("bench: sonde failed: no library\n"))
    #expect(try leftovers(place) == ".keep\n")
  }

  @Test(arguments: [
    ("--fast", "unknown option --fast; --help lists them"),
    ("W9", "no workload or set 'W9'; scripts/benchmarks/workloads.txt lists them"),
    ("--csv", "--csv expects a file"),
    ("--csv /nowhere/x.csv", "--csv can't write to /nowhere/x.csv"),
    ("--threads 0", "--threads expects numbers from 1, for example \"1 2\""),
    ("--workloads", "--workloads expects names, for example \"W1 W3\""),
    ("--memory --stress", "--memory and --stress exclude each other"),
    ("--scaling W1", "--scaling has workloads of its own, got W1"),
    ("--stress --markdown x.md", "--markdown belongs to the table of workloads, not to --stress"),
  ])
  func aBadOptionIsToldInOneSentence(_ line: String, _ message: String) throws {
    let place = try standIns(sonde: "exit 1")
    let outcome = try bench(place, line.split(separator: " ").map(String.init))
    #expect(outcome == Child.Outcome(errors: "bench: \(message)\n", status: 2))
  }
}
