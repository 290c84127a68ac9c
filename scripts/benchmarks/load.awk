# Makes the table and the CSV of times beside a busy core, of the samples that samples.awk reads, whose engines are
# "NAME quiet" and "NAME loaded". Variables: workloads, names; csv, a file or nothing.
END {
  summarise()
  if (csv != "") {
    print "workload,threads,engine,quiet_minimum_s,quiet_median_s,loaded_minimum_s,loaded_median_s,minimum_ratio,median_ratio" > csv
  }
  printf "%-20s %2s %-7s %10s %10s %10s %10s %8s %8s\n", "", "th", "", "quiet min", "median", "loaded min", "median", "x min", "x median"
  names = split(workloads, name, " ")
  for (n = 1; n <= names; n++) {
    for (c = 1; c <= counts; c++) {
      for (e = 1; e <= engines; e++) {
        if (engine[e] !~ / quiet$/) continue
        who = engine[e]
        sub(/ quiet$/, "", who)
        quiet = engine[e] SUBSEP threads[c] SUBSEP name[n]
        loaded = who " loaded" SUBSEP threads[c] SUBSEP name[n]
        if (!(quiet in minimum) || !(loaded in minimum)) continue
        printf "%-20s %2d %-7s %7.2f ms %7.2f ms %7.2f ms %7.2f ms %8.2f %8.2f\n", name[n], threads[c], who, 1e3 * minimum[quiet], \
          1e3 * median[quiet], 1e3 * minimum[loaded], 1e3 * median[loaded], minimum[loaded] / minimum[quiet], \
          median[loaded] / median[quiet]
        if (csv != "") {
          printf "%s,%d,%s,%.9g,%.9g,%.9g,%.9g,%.3f,%.3f\n", name[n], threads[c], who, minimum[quiet], median[quiet], \
            minimum[loaded], median[loaded], minimum[loaded] / minimum[quiet], median[loaded] / median[quiet] > csv
        }
      }
    }
  }
}
