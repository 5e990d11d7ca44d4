# What `gcov -n` says of objects, as a table: lines that ran, of each folder, and beneath it the
# files of which fewer ran than nine in ten.
/^File '/ {
	file = $0
	gsub(/^File '|'$/, "", file)
}
/^Lines executed:/ && file ~ /^(lib|tools)\/.*\.c$/ {
	split($0, part, /[:%]| of /)
	ran = part[2] * part[4] / 100
	if (!(file in all) || ran > most[file])
		most[file] = ran
	all[file] = part[4]
	file = "" # one line is of all files
}
END {
	for (file in all) {
		folder = file
		sub(/\/[^\/]*$/, "", folder)
		lines[folder] += all[file]
		good[folder] += most[file]
		total += all[file]
		done += most[file]
		if (most[file] < .9 * all[file])
			low[folder] = low[folder] sprintf("    %-24s %6d %6.1f%%\n", file, all[file], 100 * most[file] / all[file])
	}
	n = split("lib/base lib/kern lib/stream lib/image lib/data lib/aug lib/nn lib/ssl lib/eval tools", order, " ")
	for (i = 1; i <= n; i++)
		if (order[i] in lines)
			printf "%-28s %6d %6.1f%%\n%s", order[i], lines[order[i]],
				100 * good[order[i]] / lines[order[i]], low[order[i]]
	printf "%-28s %6d %6.1f%%\n", "all", total, 100 * done / (total ? total : 1)
}
