# Joins the scores of a pipeline into one table for people.
#
#     awk -f table.awk -v labels="shape colour" -v classes="8 8" -v models="pixels random" \
#         -v titles="raw pixels,random network" [-v metrics="linear knn fewshot"] [-v tsv=1] FILE...
#
# A file is [...]/MODEL/ANY as linprobe, knnprobe and fewshot write them. Further files of
# the same model, label and probe are further seeds: mean and standard deviation. With
# tsv=1 a line per figure instead: model, label, probe, mean, sd, n.
#
# For any awk: mawk, gawk, busybox. A conditional after print stands in brackets: to most
# of them a bare `a > b` there names a file to write.

BEGIN {
	FS = "\t"
	nlabel = split(labels, label, " ")
	split(classes, class, " ")
	nmetric = split(metrics ? metrics : "linear knn fewshot", metric, " ")
	nmodel = split(models, model, " ")
	split(titles, title, ",")
	first_width = length("chance")
	for (m = 1; m <= nmodel; m++) if (length(title[m]) > first_width) first_width = length(title[m])
	gap = (nlabel > 1) ? "  " : "" # before the columns of a label
	most = 0                       # seeds of a figure
	head["linear"] = "linear"
	head["knn"] = "kNN"
	head["fewshot"] = "5-shot"
}

FNR == 1 {
	for (i = 1; i <= NF; i++) column[$i] = i
	parts = split(FILENAME, path, "/")
	next
}
$(column["metric"]) == "top1" {
	key = path[parts - 1] SUBSEP $(column["label"]) SUBSEP $(column["probe"])
	value = $(column["value"])
	if (!(key in n)) n[key] = sum[key] = squares[key] = 0
	n[key]++
	sum[key] += value
	squares[key] += value * value
}

function mean(which) { return sum[which] / n[which] }
function deviation(which,    v)
{
	if (n[which] < 2) return 0
	v = (squares[which] - n[which] * mean(which) * mean(which)) / (n[which] - 1)
	return (v > 0) ? root(v) : 0
}

# By Newton's rule: busybox may be built without sqrt.
function root(v,    r, last)
{
	r = (v > 1) ? v : 1
	do {
		last = r
		r = (r + v / r) / 2
	} while (r < last)
	return r
}

function cell(which)
{
	if (!(which in n)) return "-"
	if (n[which] == 1) return sprintf("%.1f", mean(which))
	return sprintf("%.1f ± %.1f", mean(which), deviation(which))
}

function pad(text, width) { return sprintf("%" (width - length(text)) "s%s", "", text) }
function left(text) { return sprintf("%-" (first_width + 1) "s", text) }

# "±" is two bytes to an awk that counts bytes.
function cell_width() { return (most > 1) ? 13 : 8 }
function padded(text) { return pad(text, cell_width() + (text ~ /±/ && length("±") == 2)) }

END {
	for (key in n) if (n[key] > most) most = n[key]
	if (tsv) {
		print "model\tlabel\tprobe\tmean\tsd\tn"
		for (m = 1; m <= nmodel; m++) for (l = 1; l <= nlabel; l++) for (k = 1; k <= nmetric; k++) {
			key = model[m] SUBSEP label[l] SUBSEP metric[k]
			if (key in n) printf "%s\t%s\t%s\t%.3f\t%.3f\t%d\n", model[m], label[l], metric[k], mean(key), deviation(key), n[key]
		}
		exit
	}
	printf "%s", left("")
	if (nlabel > 1) {
		for (l = 1; l <= nlabel; l++) printf "%s", pad(label[l], nmetric * cell_width() + 2)
		printf "\n%s", left("")
	}
	for (l = 1; l <= nlabel; l++) {
		printf "%s", gap
		for (k = 1; k <= nmetric; k++) printf "%s", pad(head[metric[k]], cell_width())
	}
	printf "\n%s", left("chance")
	for (l = 1; l <= nlabel; l++) {
		printf "%s", gap
		for (k = 1; k <= nmetric; k++) printf "%s", padded(sprintf("%.1f", (metric[k] == "fewshot") ? 20 : 100 / class[l]))
	}
	printf "\n"
	for (m = 1; m <= nmodel; m++) {
		printf "%s", left(title[m])
		for (l = 1; l <= nlabel; l++) {
			printf "%s", gap
			for (k = 1; k <= nmetric; k++) printf "%s", padded(cell(model[m] SUBSEP label[l] SUBSEP metric[k]))
		}
		printf "\n"
	}
}
