# What scripts/bench measures beside times of a quiet machine: memory, and times while another program takes a core.

# The most memory W1 and W3 take, each in a process of its own, and what an idle prompt holds, in MB.
measure_memory() {
  local name workload count=${threads##* } megabytes
  printf '%-24s %2s %-7s %9s\n' "" th "" MB
  for workload in relu_batchnorm_f32 deep_step; do
    for name in "${engines[@]}"; do
      progress "$workload, $name"
      if ! megabytes=$(engine "$name" "$count" "$budget" "$workload" memory 2>"$place/errors" |
        awk -F'\t' '$1 == "memory" { printf "%.1f", $2 }'); then
        say "$name failed and is left out: $(blame "$name")"
        continue
      fi
      progress ""
      printf '%-24s %2d %-7s %9s\n' "$workload" "$count" "$name" "$megabytes"
      [[ -z $csv ]] || echo "$workload,$count,$name,$megabytes" >>"$place/csv"
    done
  done
  megabytes=$(idle_prompt)
  printf '%-24s %2s %-7s %9s\n' "idle prompt" "" sonde "${megabytes:--}"
  [[ -z $csv ]] || echo "idle_prompt,,sonde,$megabytes" >>"$place/csv"
}

# The memory of a prompt in a terminal, which it tells itself.
idle_prompt() {
  local question='for line in io.lines("/proc/self/status") do local kilobytes = line:match("VmRSS:%s*(%d+)")'
  question+=' if kilobytes then print(string.format("%.1f MB", kilobytes / 1024)) end end'
  if ! command -v script >/dev/null; then
    say "script, which gives a prompt its terminal, is not installed; the idle prompt is left out"
    return
  fi
  printf '%s\n' "$question" | HOME=$place XDG_STATE_HOME=$place TERM=dumb script -qec "$sonde" /dev/null 2>/dev/null |
    grep -o '[0-9][0-9.]* MB' | tail -n 1 | cut -d' ' -f1
}

# W1 and W3, turn by turn quiet and beside a program that keeps one core busy.
measure_under_load() {
  local turn count name condition
  for ((turn = 1; turn <= turns; turn++)); do
    for condition in quiet loaded; do
      if [[ $condition == loaded ]]; then
        stress-ng --quiet --cpu 1 >/dev/null 2>&1 &
        stress=$!
      fi
      for count in $threads; do
        for name in "${engines[@]}"; do
          progress "turn $turn of $turns, $condition, $name, threads: $count"
          sample "$name" "$name $condition" "$count" engine "$name" "$count" "$budget" relu_batchnorm_f32 deep_step
        done
      done
      end_stress
    done
  done
  progress ""
}

# Ends the program that keeps a core busy, if it runs.
stress=
end_stress() {
  [[ -n $stress ]] || return 0
  kill "$stress" 2>/dev/null || true
  wait "$stress" 2>/dev/null || true
  stress=
}
