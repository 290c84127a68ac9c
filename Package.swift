// swift-tools-version: 6.2
import PackageDescription

/// The library that holds Lua 5.4; distributions name it differently, so `LUA_LIBRARY` overrides it.
///
/// The archive, as in distributions' own `lua5.4`: calls into a shared library cost `t[i]` a fifth of its time.
let luaLibrary = Context.environment["LUA_LIBRARY"] ?? ":liblua5.4.a"

/// Where it is said which of the program's names C modules and the libraries below see.
let exported = "\(Context.packageDirectory)/Sources/CLua/exported.list"

/// Lua whole, at a place that suits it, and its names visible, for the C modules that scripts load.
let luaLinking = LinkerSetting.unsafeFlags(
  [
    "--undefined=sonde_before_lua", "--whole-archive", "-l\(luaLibrary)", "--no-whole-archive",
    "--dynamic-list=\(exported)",
  ].flatMap { ["-Xlinker", $0] })

/// Whether lines are edited by GNU readline; `SONDE_READLINE=0` builds a program without it.
let hasReadline = Context.environment["SONDE_READLINE"] != "0"

let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

/// How kernels are compiled.
///
/// Tests keep the checks that -Ounchecked drops, but not the slowness of unoptimised loops. Square roots are C's: one
/// that may set `errno` is a call, and no loop with it becomes SIMD.
let optimised: [SwiftSetting] = [
  .unsafeFlags(["-Ounchecked"], .when(configuration: .release)),
  .unsafeFlags(["-O"], .when(configuration: .debug)),
  .unsafeFlags(["-Xcc", "-fno-math-errno"]),
]

/// How the loops are compiled for the levels of x86-64 beyond the first.
///
/// Compilers prefer vectors of 32 bytes at the fourth: where those of 64 slow a processor down at all, it is one of 2017 to 2019.
let levelFlags = [
  "x86v3": ["-march=x86-64-v3"],
  "x86v4": ["-march=x86-64-v4", "-Xclang", "-target-feature", "-Xclang", "-prefer-256-bit"],
]

/// The modules of these levels, whose folders are symbolic links to that of KernelLoops.
///
/// Their names come after those of all other modules: objects are linked in the order of the names, and of what several of them
/// hold, as functions of the standard library made for a type, the first is taken for all. It must not be one for a later processor.
#if arch(x86_64)
  let levels = levelFlags.keys.sorted().map { name in
    Target.target(
      name: name, dependencies: ["CLanes", "KernelBase", numerics],
      swiftSettings: optimised + [.unsafeFlags((levelFlags[name] ?? []).flatMap { ["-Xcc", $0] })])
  }
#else
  let levels: [Target] = []
#endif

let package = Package(
  name: "Sonde",
  products: [
    .executable(name: "sonde", targets: ["sonde"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // System libraries: a module map and a shim header each.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    // Lua's headers, stand-ins for its macros, and the trampolines that keep longjmp out of Swift. Links nothing.
    .target(name: "CLua", dependencies: ["CProcess"], exclude: ["exported.list"]),
    // Readline: its handlers are C globals, so they are set in C.
    .target(
      name: "CReadline", cSettings: hasReadline ? [] : [.define("SONDE_WITHOUT_READLINE")],
      linkerSettings: hasReadline ? [.linkedLibrary("readline")] : []),
    // Children of the process, the bar of the sandbox, and what libraries may not do when it starts.
    .target(name: "CProcess"),
    // The data sets and the Lua files that ship inside the program, embedded by the C compiler.
    .target(name: "CData", exclude: ["data"]),
    // What the processor can do.
    .target(name: "CProcessor"),
    // How threads call a closure that doesn't escape.
    .target(name: "CChunk"),
    // What Swift can't say of vectors in one instruction.
    .target(name: "CLanes"),
    // What all kernels share: element types, planes, the pool of threads, the request to stop.
    .target(name: "KernelBase", dependencies: ["CChunk", numerics], swiftSettings: optimised),
    // Loops over raw buffers, for any processor, and the same files again for later ones.
    .target(name: "KernelLoops", dependencies: ["CLanes", "KernelBase", numerics], swiftSettings: optimised),
  ] + levels + [
    // The loops of the level that the machine can run, and what has one level only.
    .target(
      name: "Kernels",
      dependencies: ["CProcessor", "KernelBase", "KernelLoops", numerics] + levels.map { .target(name: $0.name) },
      swiftSettings: optimised),
    // Numbers in memory: shape, storage, views, broadcasting, random, products, printing.
    .target(name: "Tensors", dependencies: ["Kernels", "COpenBLAS"]),
    // Reverse-mode differentiation: the tape.
    .target(name: "Gradients", dependencies: ["Tensors"]),
    // Layers, initialisers, losses, optimisers, surgery, the training loop.
    .target(
      name: "Networks",
      dependencies: ["Gradients", .product(name: "OrderedCollections", package: "swift-collections")]),
    // What the instrument measures: statistics, the probe, the recorder.
    .target(name: "Lab", dependencies: ["Networks"]),
    // Readers that treat every byte as hostile.
    .target(name: "Files", dependencies: ["Tensors", "CZlib", "CProcess"]),
    // Figures in the terminal.
    .target(name: "Plots", dependencies: ["Tensors", "CProcess"]),
    // Digits and the MNIST part, splits and batches.
    .target(name: "Datasets", dependencies: ["Files", "CData"]),
    // What Lua sees: one file a Lua-visible type.
    .target(
      name: "LuaAPI",
      dependencies: [
        "CLua", "CData", "CProcess", "Lab", "Networks", "Gradients", "Files", "Plots", "Datasets", "Tensors", "Kernels",
      ],
      exclude: ["Library"]),
    // The last object by its name, before the archive of Lua, which it aligns.
    .target(name: "zAlignment"),
    // The program: arguments, prompt, script runner.
    .executableTarget(
      name: "sonde",
      dependencies: ["LuaAPI", "Plots", "Tensors", "Kernels", "CLua", "CProcess", "CReadline", "zAlignment"],
      linkerSettings: [luaLinking]),
    .target(name: "TestSupport", dependencies: ["Tensors"], path: "Tests/Support"),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "LabTests", dependencies: ["Lab", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots", "TestSupport"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "CData", "TestSupport"]),
    // Lua comes with the program: all tests are one.
    .testTarget(
      name: "LuaAPITests", dependencies: ["LuaAPI", "sonde", "TestSupport"], exclude: ["Fixtures", "Scripts"]),
    // Runs scripts under failing allocators; a program, because it counts every tensor of its process.
    .executableTarget(
      name: "AllocatorStress", dependencies: ["LuaAPI", "CLua", "Tensors"], path: "Tests/AllocatorStress",
      linkerSettings: [.linkedLibrary(luaLibrary)]),
    // Counts the memory that a training step asks for; a program, because it stands in front of malloc.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .executableTarget(
      name: "AllocationCount", dependencies: ["CAllocations", "Networks", "Gradients", "Tensors", "Kernels"],
      path: "Tests/AllocationCount"),
    .testTarget(name: "SondeTests", dependencies: ["sonde", "TestSupport"], exclude: ["Fixtures", "Transcripts"]),
  ]
)
