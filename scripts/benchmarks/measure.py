"""How the peers in Python are measured: as sonde.lua does it."""

import resource
import sys
import time

LARGE = 10_000_000
THREADS = int(sys.argv[1])
BUDGET = float(sys.argv[2])


def measure(name, calls, run):
    """Prints samples of the seconds that one call takes."""
    # twice: the first large results wait for the system to find their pages
    run(calls)
    run(calls)
    start = time.perf_counter()
    while True:
        begin = time.perf_counter()
        run(calls)
        now = time.perf_counter()
        print(name, (now - begin) / calls, sep="\t")
        if now - start > BUDGET:
            return


def run_all(version, workloads, network=None):
    """Runs the workloads that the command line names and the peer has; `network` runs those of the scaling."""
    print("version", version, sep="\t")
    for name in sys.argv[3:]:
        if name in workloads:
            workloads[name](name)
        elif network and name.startswith("net_"):
            network(name)
        elif name == "memory":
            # in kilobytes; macOS counts bytes
            print(name, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sep="\t")


def repeat(statement, names):
    """Makes a loop of one statement a function of the number of calls, without a call a turn."""
    scope = dict(names)
    parameters = ", ".join(f"{name}={name}" for name in names)
    exec(f"def run(n, {parameters}):\n  for _ in range(n):\n    {statement}", scope)
    return scope["run"]
