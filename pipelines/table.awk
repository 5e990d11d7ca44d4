# Joins the scores of a pipeline into one table for people.
#
#     awk -f table.awk -v labels="shape colour" -v classes="8 8" -v models="pixels random" \
#         -v titles="raw pixels,random network" [-v metrics="linear knn fewshot"] [-v tsv=1] FILE...
#
# A file is [...]/MODEL/ANY as linprobe, knnprobe and fewshot write them. Further files of
# the same model, label and probe are further seeds: mean and standard deviation. With
# tsv=1 a line per figure instead: model, label, probe, mean, sd, n.

BEGIN {
	FS = "\t"
	nlabel = split(labels, label, " ")
	split(classes, class, " ")
	nmetric = split(metrics ? metrics : "linear knn fewshot", metric, " ")
	nmodel = split(models, model, " ")
	split(titles, title, ",")
	for (m = 1; m <= nmodel; m++) first_width = length(title[m]) > first_width ? length(title[m]) : first_width
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
	n[key]++
	sum[key] += value
	squares[key] += value * value
}

function mean(key) { return sum[key] / n[key] }
function deviation(key,    v)
{
	if (n[key] < 2) return 0
	v = (squares[key] - n[key] * mean(key) ^ 2) / (n[key] - 1)
	return v > 0 ? sqrt(v) : 0
}

function cell(key)
{
	if (!n[key]) return "-"
	if (n[key] == 1) return sprintf("%.1f", mean(key))
	return sprintf("%.1f ± %.1f", mean(key), deviation(key))
}

function pad(text, width) { return sprintf("%" (width - length(text)) "s%s", "", text) }

# "±" is two bytes to an awk that counts bytes.
function cell_width() { return most > 1 ? 13 : 8 }
function padded(text) { return pad(text, cell_width() + (text ~ /±/ && length("±") == 2)) }

END {
	for (key in n) most = n[key] > most ? n[key] : most
	if (tsv) {
		print "model\tlabel\tprobe\tmean\tsd\tn"
		for (m = 1; m <= nmodel; m++) for (l = 1; l <= nlabel; l++) for (k = 1; k <= nmetric; k++) {
			key = model[m] SUBSEP label[l] SUBSEP metric[k]
			if (n[key]) printf "%s\t%s\t%s\t%.3f\t%.3f\t%d\n", model[m], label[l], metric[k], mean(key), deviation(key), n[key]
		}
		exit
	}
	printf "%" first_width + 1 "s", ""
	if (nlabel > 1) {
		for (l = 1; l <= nlabel; l++) printf "%s", pad(label[l], nmetric * cell_width() + 2)
		printf "\n%" first_width + 1 "s", ""
	}
	for (l = 1; l <= nlabel; l++) {
		printf "%s", nlabel > 1 ? "  " : ""
		for (k = 1; k <= nmetric; k++) printf "%s", pad(head[metric[k]], cell_width())
	}
	printf "\n%-" first_width + 1 "s", "chance"
	for (l = 1; l <= nlabel; l++) {
		printf "%s", nlabel > 1 ? "  " : ""
		for (k = 1; k <= nmetric; k++) printf "%s", padded(sprintf("%.1f", metric[k] == "fewshot" ? 20 : 100 / class[l]))
	}
	printf "\n"
	for (m = 1; m <= nmodel; m++) {
		printf "%-" first_width + 1 "s", title[m]
		for (l = 1; l <= nlabel; l++) {
			printf "%s", nlabel > 1 ? "  " : ""
			for (k = 1; k <= nmetric; k++) printf "%s", padded(cell(model[m] SUBSEP label[l] SUBSEP metric[k]))
		}
		printf "\n"
	}
}
