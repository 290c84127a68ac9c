# Makes the table and the CSV of samples: engine, threads, workload, seconds. Runs in any awk, so it sorts by itself.
function sort(values, count,    i, j, value) {
  for (i = 2; i <= count; i++) {
    value = values[i]
    for (j = i - 1; j >= 1 && values[j] > value; j--) values[j + 1] = values[j]
    values[j + 1] = value
  }
}

# The rate in GB/s, empty where the time counts.
function rate(name, seconds) { return bytes[name] > 0 ? sprintf("%.1f", bytes[name] / seconds / 1e9) : "" }

function report(name, threads,    e, i, key, count, values, median, scale, ratio, share) {
  scale = unit[name] == "ns" ? 1e9 : 1e3
  for (e = 1; e <= engines; e++) {
    key = engine[e] SUBSEP threads SUBSEP name
    if (!(key in seen)) continue
    count = seen[key]
    for (i = 1; i <= count; i++) values[i] = sample[key, i]
    sort(values, count)
    median = values[int((count + 1) / 2)]
    if (engine[e] == "sonde") own = values[1]
    ratio = own > 0 ? sprintf("%.2f", values[1] / own) : ""
    if (engine[e] == "sonde" && name ~ /^copy_/) copied[threads, substr(name, 6)] = bytes[name] / values[1]
    share = ""
    if (bytes[name] > 0 && (threads, substr(name, length(name) - 2)) in copied) {
      share = sprintf("%.0f %%", 100 * bytes[name] / values[1] / copied[threads, substr(name, length(name) - 2)])
    }
    printf "%-34s %2d %-6s %10.2f %10.2f %-2s %7s %7s %8s\n", e == 1 ? text[name] : "", threads, engine[e], \
      values[1] * scale, median * scale, unit[name], rate(name, values[1]), share, ratio
    if (csv != "") {
      printf "%s,%d,%s,%s,%.9g,%.9g,%d,%s,%s\n", name, threads, engine[e], version[engine[e]], values[1], median, \
        count, rate(name, values[1]), ratio > csv
    }
  }
}

BEGIN {
  while ((getline line < list) > 0) {
    if (line ~ /^#/ || split(line, field, "|") < 5) continue
    order[++names] = field[1]
    unit[field[1]] = field[2]
    bytes[field[1]] = field[4] + 0
    text[field[1]] = field[5]
  }
}

!($1 in known) { known[$1] = 1; engine[++engines] = $1 }
!($2 in counted) { counted[$2] = 1; threads[++counts] = $2 }
$3 == "version" { version[$1] = $4; next }
{ key = $1 SUBSEP $2 SUBSEP $3; sample[key, ++seen[key]] = $4 }

END {
  if (csv != "") print "workload,threads,engine,version,minimum_s,median_s,samples,gb_per_s,ratio_to_sonde" > csv
  printf "%-34s %2s %-6s %10s %10s %-2s %7s %7s %8s\n", "", "th", "", "minimum", "median", "", "GB/s", "of copy", "x sonde"
  for (n = 1; n <= names; n++) {
    for (c = 1; c <= counts; c++) {
      own = 0
      report(order[n], threads[c])
    }
  }
}
