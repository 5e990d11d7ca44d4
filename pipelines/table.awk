# Joins the scores of a pipeline into one table for people.
#
#     awk -f table.awk -v labels="shape colour" -v models="pixels random" \
#         -v titles="raw pixels,random network" [-v metrics="linear knn fewshot"] [-v tsv=1] FILE...
#
# A file is [...]/MODEL/ANY as linprobe, knnprobe, fewshot and augprobe write them: its columns are known by
# its heading. A figure is PROBE, whose top1 is meant, or PROBE:METRIC. Further files of the same
# model, label and probe are further seeds: mean and standard deviation. The row "chance" is what
# the files say that guessing gives. With tsv=1 a line per figure instead: model, label, probe,
# mean, sd, n.
#
# For any awk: mawk, gawk, busybox. A conditional after print stands in brackets: to most
# of them a bare `a > b` there names a file to write.

BEGIN {
	FS = "\t"
	nlabel = split(labels, label, " ")
	nmetric = split(metrics ? metrics : "linear knn fewshot", metric, " ")
	nmodel = split(models, model, " ")
	split(titles, title, ",")
	first_width = length("chance")
	for (m = 1; m <= nmodel; m++) if (length(title[m]) > first_width) first_width = length(title[m])
	gap = (nlabel > 1) ? "  " : "" # before the columns of a label
	most = 0                       # seeds of a figure
	head["knn"] = "kNN"
}

FNR == 1 {
	for (name in column) delete column[name]
	for (i = 1; i <= NF; i++) column[$i] = i
	parts = split(FILENAME, path, "/")
	next
}

function field(what) { return (what in column) ? $(column[what]) : "" }

{
	figure = field("probe")
	if (field("metric") != "top1") figure = figure ":" field("metric")
	key = path[parts - 1] SUBSEP field("label") SUBSEP figure
	value = field("value")
	if (!(key in n)) n[key] = sum[key] = squares[key] = 0
	n[key]++
	sum[key] += value
	squares[key] += value * value
	guess(field("label") SUBSEP figure, field("chance"))
	places[field("label") SUBSEP figure] = ("unit" in column && field("unit") != "%") ? 3 : 1
	if (places[field("label") SUBSEP figure] == 3) long[figure] = 1
	if (match(field("setting"), /[0-9]+-shot/)) head[figure] = substr(field("setting"), RSTART, RLENGTH)
}

# What guessing gives is of the images and their classes, so that all models have one.
function guess(which, gives)
{
	if (gives == "") return
	gives += 0
	if ((which in chance) && chance[which] != gives) gives = "differs"
	chance[which] = gives
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

# Percentages have one place, other figures three.
function digits(which, number) { return sprintf((places[which] == 3) ? "%.3f" : "%.1f", number) }

# of: the label and the figure
function cell(who, of,    which)
{
	which = who SUBSEP of
	if (!(which in n)) return "-"
	if (n[which] == 1) return digits(of, mean(which))
	return digits(of, mean(which)) " ± " digits(of, deviation(which))
}

function chance_cell(which)
{
	if (!(which in chance)) return "-"
	return (chance[which] == "differs") ? "differs" : digits(which, chance[which])
}

function pad(text, width) { return sprintf("%" (width - length(text)) "s%s", "", text) }
function left(text) { return sprintf("%-" (first_width + 1) "s", text) }
function title_of(which) { return (which in head) ? head[which] : which }

# "±" is two bytes to an awk that counts bytes. A column is as wide as its title asks for.
function width_of(which,    least, asked)
{
	least = (most < 2) ? 8 : (which in long) ? 15 : 13
	asked = length(title_of(which)) + 2
	return (asked > least) ? asked : least
}
function padded(text, width) { return pad(text, width + (text ~ /±/ && length("±") == 2)) }

END {
	for (key in n) if (n[key] > most) most = n[key]
	if (tsv) {
		print "model\tlabel\tprobe\tmean\tsd\tn"
		for (m = 1; m <= nmodel; m++) for (l = 1; l <= nlabel; l++) for (k = 1; k <= nmetric; k++) {
			key = model[m] SUBSEP label[l] SUBSEP metric[k]
			if (!(key in n)) continue
			printf "%s\t%s\t%s\t%.3f\t%.3f\t%d\n", model[m], label[l], metric[k], mean(key), deviation(key), n[key]
		}
		exit
	}
	all = 0
	for (k = 1; k <= nmetric; k++) all += width_of(metric[k])
	printf "%s", left("")
	if (nlabel > 1) {
		for (l = 1; l <= nlabel; l++) printf "%s", pad(label[l], all + 2)
		printf "\n%s", left("")
	}
	for (l = 1; l <= nlabel; l++) {
		printf "%s", gap
		for (k = 1; k <= nmetric; k++) printf "%s", pad(title_of(metric[k]), width_of(metric[k]))
	}
	printf "\n%s", left("chance")
	for (l = 1; l <= nlabel; l++) {
		printf "%s", gap
		for (k = 1; k <= nmetric; k++) printf "%s", padded(chance_cell(label[l] SUBSEP metric[k]), width_of(metric[k]))
	}
	printf "\n"
	for (m = 1; m <= nmodel; m++) {
		printf "%s", left(title[m])
		for (l = 1; l <= nlabel; l++) {
			printf "%s", gap
			for (k = 1; k <= nmetric; k++)
				printf "%s", padded(cell(model[m], label[l] SUBSEP metric[k]), width_of(metric[k]))
		}
		printf "\n"
	}
}
