# What measures: Sonde, the peers that are installed, and a probe of the machine's own limits. Sourced by scripts/bench, which sets
# here, place (a folder for what a run leaves), sonde, cores, threads, turns, budget and starts.

engines=()

say() { echo "bench: $1" >&2; }

progress() { [[ ! -t 2 ]] || printf '\r\e[Kbench: %s' "$1" >&2; }

# Finds the engines of a list; what is missing is said, and left out.
find_engines() {
  local name
  for name in "$@"; do
    case $name in
    sonde) engines+=(sonde) ;;
    machine) if compile_machine; then engines+=(machine); else say "no C compiler for the limits of the machine; they are left out"; fi ;;
    *) if python3 -c "import $name" 2>/dev/null; then engines+=("$name"); else say "$name is not installed and left out"; fi ;;
    esac
  done
}

compile_machine() {
  local compiler flags
  for compiler in ${CC:-cc} gcc clang; do
    for flags in "-march=native -mprefer-vector-width=512" -march=native -mcpu=native; do
      # shellcheck disable=SC2086 # flags are several words
      if "$compiler" -O3 $flags -pthread -o "$place/machine" "$here/machine.c" 2>/dev/null; then return; fi
    done
  done
  return 1
}

# Samples of an engine, lines of workload and seconds: engine, number of threads, seconds for each workload, workloads.
engine() {
  case $1 in
  machine) "$place/machine" "${@:2}" ;;
  sonde) "$sonde" "--threads=$2" "$here/sonde.lua" "${@:2}" ;;
  *) OPENBLAS_NUM_THREADS=$2 OMP_NUM_THREADS=$2 MKL_NUM_THREADS=$2 python3 "$here/$1_peer.py" "${@:2}" ;;
  esac
}

# Starts an engine, multiplies two small matrices and ends.
start() {
  case $1 in
  sonde) "$sonde" -e 'local a = sonde.ones(2, 2); assert(a:mm(a)[1][1] == 2)' ;;
  numpy) python3 -c 'import numpy; a = numpy.ones((2, 2), numpy.float32); assert (a @ a)[0, 0] == 2' ;;
  torch) python3 -c 'import torch; a = torch.ones(2, 2); assert (a @ a)[0, 0] == 2' ;;
  esac
}

# Samples of what a start takes, the whole process.
start_up() {
  local before repetition
  for ((repetition = 0; repetition < starts; repetition++)); do
    before=$EPOCHREALTIME
    start "$1"
    awk -v before="$before" -v after="$EPOCHREALTIME" 'BEGIN { printf "start\t%.6f\n", after - before }'
  done
}

# What an engine has said of its failure: Lua says it first and Python last.
blame() {
  if [[ $1 == sonde ]]; then head -n 1 "$place/errors"; else tail -n 1 "$place/errors"; fi
}

# Takes an engine out after it has failed, with what it has measured.
leave_out() {
  local name kept=()
  [[ $1 != sonde ]] || { say "sonde failed: $(blame sonde)" && exit 1; }
  say "$1 failed and is left out: $(blame "$1")"
  for name in "${engines[@]}"; do [[ $name == "$1" ]] || kept+=("$name"); done
  engines=("${kept[@]}")
  grep -v "^$1[^a-z]" "$place/samples" >"$place/others" || true
  mv "$place/others" "$place/samples"
}

# Adds samples to those there are: the engine, what its lines begin with, the number of threads, and what prints them.
sample() {
  local name=$1 label=$2 count=$3
  shift 3
  if "$@" >"$place/out" 2>"$place/errors"; then
    sed "s/^/$label\t$count\t/" "$place/out" >>"$place/samples"
  else
    leave_out "$name"
  fi
}

# Lets every engine take its turn at every number of threads; $1 is the function that tells the workloads of a number of threads.
take_turns() {
  local turn count first name workloads
  for ((turn = 1; turn <= turns; turn++)); do
    first=1
    for count in $threads; do
      mapfile -t workloads < <("$1" "$count" "$first")
      ((${#workloads[@]})) || continue
      for name in "${engines[@]}"; do
        # NumPy's loops run on one thread, whatever it is told
        [[ $name != numpy || -n $first ]] || continue
        progress "turn $turn of $turns, $name, threads: $count"
        sample "$name" "$name" "$count" engine "$name" "$count" "$budget" "${workloads[@]}"
        if [[ -n $first && $name != machine && " ${workloads[*]} " == *" start "* ]]; then
          sample "$name" "$name" "$count" start_up "$name"
        fi
      done
      first=
    done
  done
  progress ""
}

load() { cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || uptime | sed 's/.*: //'; }

# What a figure depends on beside the program.
describe() {
  local processor
  processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
  echo "${processor:-$(uname -m)}, $cores cores, $(uname -sr), load $load_before at the start and $(load) at the end"
  echo "$turns turns of ${engines[*]}; OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset"
  awk -F'\t' '$3 == "version" { sub(/ .*/, "", $1); if (!seen[$1]++) print "- " $1 " " $4 }' "$place/samples"
  echo "- $(swift --version 2>/dev/null | head -n 1)"
}
