# Makes the table, and where asked for the CSV and a table in Markdown, of the samples that samples.awk reads.
# Variables: list, the file of workloads; csv, markdown, files or nothing.
BEGIN {
  while ((getline line < list) > 0) {
    if (line ~ /^#/ || split(line, field, "|") < 8) continue
    name = field[1]
    order[++names] = name
    unit[name] = field[3]
    bytes[name] = field[5] + 0
    operations[name] = field[6] + 0
    base[name] = field[7]
    text[name] = field[8]
  }
}

# The rate of GB/s or GFLOP/s, 0 where only the time counts.
function rate(name, seconds) { return (bytes[name] + operations[name]) / seconds / 1e9 }

function rate_unit(name) { return operations[name] > 0 ? "GFLOP/s" : bytes[name] > 0 ? "GB/s" : "" }

# What the machine reaches at most: of multiply-adds in the dtype, of copies the one that moves nearest to as many bytes; 0 unknown.
function limit(name, count,    probe, i, key, far, nearest, best) {
  if (operations[name] > 0) {
    probe = name ~ /_f64$/ ? "fma_f64" : "fma_f32"
    key = "machine" SUBSEP count SUBSEP probe
    return key in minimum ? rate(probe, minimum[key]) : 0
  }
  for (i = 1; i <= names; i++) {
    key = "machine" SUBSEP count SUBSEP order[i]
    if (order[i] !~ /^memcpy_/ || !(key in minimum) || bytes[name] == 0) continue
    far = log(bytes[name] / bytes[order[i]])
    if (far < 0) far = -far
    if (best == 0 || far < nearest) {
      nearest = far
      best = rate(order[i], minimum[key])
    }
  }
  return best + 0
}

function ratio(values, key, other) { return other in values ? sprintf("%.2f", values[key] / values[other]) : "" }

# One line of the table and of the CSV.
function report(name, count, who, isFirst,    key, own, scale, speed, fast, most, share, based) {
  key = who SUBSEP count SUBSEP name
  scale = unit[name] == "ns" ? 1e9 : 1e3
  own = "sonde" SUBSEP count SUBSEP name
  speed = rate(name, minimum[key])
  most = who == "machine" ? 0 : limit(name, count)
  fast = speed > 0 ? sprintf("%.1f", speed) : ""
  share = most > 0 && speed > 0 ? sprintf("%.0f", 100 * speed / most) : ""
  based = base[name] == "" ? "" : ratio(minimum, key, who SUBSEP count SUBSEP base[name])
  printf "%-41s %2d %-7s %9s %9s %-2s %7s %-7s %5s %7s %6s\n", isFirst ? text[name] : "", count, who, \
    shown(minimum[key] * scale), shown(median[key] * scale), unit[name], \
    fast, rate_unit(name), share == "" ? "" : share " %", ratio(minimum, key, own), based
  if (csv != "") {
    printf "%s,%d,%s,\"%s\",%d,%.9g,%.9g,%s,%s,%s,%s,%s,%s\n", name, count, who, version[who], number[key], minimum[key], \
      median[key], rate_unit(name) == "GB/s" ? fast : "", rate_unit(name) == "GFLOP/s" ? fast : "", share, \
      ratio(minimum, key, own), ratio(median, key, own), based > csv
  }
}

# A number of three digits at least.
function shown(value) { return sprintf(value < 1 ? "%.3f" : value < 100 ? "%.2f" : "%.1f", value) }

# A cell of the Markdown table: the time, and what compares it.
function cell(name, count, who,    key, own, scale, most, result) {
  key = who SUBSEP count SUBSEP name
  if (!(key in minimum)) return ""
  scale = unit[name] == "ns" ? 1e9 : 1e3
  result = shown(minimum[key] * scale) " " unit[name]
  own = "sonde" SUBSEP count SUBSEP name
  if (who != "sonde" && who != "machine" && own in minimum) result = result sprintf(", %.1fx", minimum[key] / minimum[own])
  most = limit(name, count)
  if (who == "sonde" && most > 0) result = result sprintf(" (%.0f %%)", 100 * rate(name, minimum[key]) / most)
  return result
}

function write_markdown(    n, c, e, line, bar) {
  print "\nMinima; of peers how many times Sonde's time, of Sonde in brackets the share of the machine's own limit.\n" > markdown
  line = "| workload | threads |"
  bar = "|---|---|"
  for (e = 1; e <= engines; e++) {
    if (engine[e] == "machine") continue
    line = line " " engine[e] " |"
    bar = bar "---|"
  }
  print line "\n" bar > markdown
  for (n = 1; n <= names; n++) {
    for (c = 1; c <= counts; c++) {
      if (!(("sonde" SUBSEP threads[c] SUBSEP order[n]) in minimum)) continue
      line = "| " text[order[n]] " | " threads[c] " |"
      for (e = 1; e <= engines; e++) if (engine[e] != "machine") line = line " " cell(order[n], threads[c], engine[e]) " |"
      print line > markdown
    }
  }
}

END {
  summarise()
  if (csv != "") {
    print "workload,threads,engine,version,samples,minimum_s,median_s,gb_per_s,gflop_per_s,percent_of_limit,minimum_to_sonde," \
      "median_to_sonde,minimum_to_base" > csv
  }
  printf "%-41s %2s %-7s %9s %9s %-2s %7s %-7s %5s %7s %6s\n", "", "th", "", "minimum", "median", "", "", "", "limit", "x sonde", "x base"
  for (n = 1; n <= names; n++) {
    for (c = 1; c <= counts; c++) {
      isFirst = c == 1
      for (e = 1; e <= engines; e++) {
        if (!((engine[e] SUBSEP threads[c] SUBSEP order[n]) in minimum)) continue
        report(order[n], threads[c], engine[e], isFirst)
        isFirst = 0
      }
    }
  }
  if (markdown != "") write_markdown()
}
