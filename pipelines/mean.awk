# The mean of linear scores over sets, as a score. Each FILE is [...]/SET.linear.tsv as linprobe prints it;
# want says which of its metrics is a set's: "cifar10=top1 pets=per-class ...".
BEGIN {
	FS = OFS = "\t"
	n = split(want, pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], part, "=")
		metric[part[1]] = part[2]
	}
}
FNR == 1 {
	for (i = 1; i <= NF; i++) column[$i] = i
	n = split(FILENAME, path, "/")
	split(path[n], part, ".")
	next
}
$column["probe"] == "linear" && $column["metric"] == metric[part[1]] {
	sum += $column["value"]
	chance += $column["chance"]
	sets++
}
END {
	print "probe", "label", "metric", "setting", "value", "interval", "n", "classes", "chance", "unit"
	printf "linear\tsets\tmean\t%d sets\t%.4f\t\t%d\t\t%.4f\t%%\n", sets, sum / sets, sets, chance / sets
}
