# rate.awk: images a second of a training, from the times of its log (LOG.time.tsv) with a line for each step of `batch`
# images. The first step is not in it: it pays for what is prepared once. Times are of hundredths of a second.
NR > 1 { seconds[++n] = $2 }
END {
	took = seconds[n] - seconds[1]
	printf "%.6g\n", batch * (n - 1) / (took > .01 ? took : .01)
}
