#!/usr/bin/env bash
# linprobe, knnprobe, fewshot on clusters and on noise: what they say, the same bytes
# for any number of threads, and what they refuse.
. "${0%/*}/../lib.sh"
make_features() { "$BUILD/tests/unit/features.t" "$@"; }
[ -x "$BUILD/tests/unit/features.t" ] || skip_all "features.t writes the streams"

# rows width classes spread seed
make_features 600 24 6 0.1 1 >train.feat
make_features 120 24 6 0.1 2 >val.feat
make_features 240 24 6 0.1 3 >test.feat
make_features 900 24 6 -0.3 4 >noise.feat
make_features 900 24 6 -0.3 5 >noise-test.feat
make_features 600 24 6 0.35 6 >hard.feat
make_features 600 24 6 0.35 7 >hard-test.feat
make_features 60 23 6 0.1 8 >narrow.feat

column() { awk -F'\t' -v m="$2" -v c="$3" '$1 == m { print $c; exit }' "$1"; }
within() { awk -v a="$1" -v lo="$2" -v hi="$3" 'BEGIN { exit !(a >= lo && a <= hi) }'; }

ok "linprobe on clusters" linprobe -q --train train.feat --val val.feat --test test.feat --predictions guess
cp "$out" linear
header=$(head -n 1 linear)
is "$(cut -f 1-8 <<<"$header" | tr '\t' ' ')" "metric value interval n classes label probe setting" \
	"the columns that tables have had from the first stay where they are"
is "$(grep -rlF "$(head -n 1 linear | sed 's/\t/\\t/g')" "$top"/lib "$top"/tools "$top"/pipelines)" "$top/lib/eval/score.c" \
	"the heading stands once in the tree"
is "$(column linear top1 9) $(column linear per-class 9) $(column linear top1 10)" "16.67 16.67 %" "chance is one of six classes"
is "$(column linear top1 2) $(column linear per-class 2) $(column linear top1 4)" "100.00 100.00 240" "100 % of 240"
is "$(column linear top1 8)" "w=1e-06" "where every w is as good, the smallest is the first best"
is "$(sed -n 1p guess)/$(wc -l <guess)" "$(printf 'seq\tlabel\tpredicted\tclass\tpredicted-class\tname')/241" "a prediction for each row"
is "$(awk 'NR > 1 && $2 != $3' guess)" "" "all of them right"
ok "linprobe on noise" linprobe -q --train noise.feat --test noise-test.feat
result "$(within "$(column "$out" top1 2)" 11.7 21.7; echo $?)" "labels without meaning: chance, 16.67 +- 4 standard errors"
ok "linprobe on another key" linprobe -q --train train.feat --val val.feat --test test.feat --label parity
is "$(column "$out" top1 2) $(column "$out" top1 5) $(column "$out" top1 6) $(column "$out" top1 9)" "100.00 2 parity 50.00" \
	"two classes, all right, where guessing has half"
ok "linprobe --path" linprobe -q --train hard.feat --test hard-test.feat --path
is "$(grep -c 'linear-path' "$out")" 90 "two scores at each of 45 w"
best=$(awk -F'\t' '$7 == "linear-path" && $1 == "top1" && $2 > b { b = $2; w = $8 } END { print w }' "$out")
is "$(column "$out" top1 8)" "$best" "w is the first best of the path"
ok "linprobe -w" linprobe -q --train hard.feat --test hard-test.feat -w 1
is "$(column "$out" top1 8)" "w=1" "nothing else is chosen"

ok "knnprobe on clusters" knnprobe -q --train train.feat --test test.feat -k 3 --neighbours near
cp "$out" knn
is "$(head -n 1 knn)" "$header" "the same header"
is "$(column knn top1 2) $(column knn precision 2) $(column knn top1 8)" "100.00 100.00 k=3" "100 %"
is "$(wc -l <near) $(awk 'NR > 1 && $5 != $6' near)" "721 " "three neighbours of each row, all of its class"
is "$(awk 'NR == 2 { print $1, $2 }' near)" "0 1" "the first row's first"
ok "a set in itself" knnprobe -q --train hard.feat --test hard.feat --neighbours self
is "$(awk 'NR > 1 && ($1 != $3 || $4 < 0.999999)' self)" "" "each row is its own nearest neighbour"
is "$(cat "$err")" "knnprobe: hard.feat: 600 of 600 rows are in hard.feat too, with the same id and values: \
each finds itself (--exclude-self leaves it out)" "which is said"
ok "a set in itself, --exclude-self" knnprobe --train hard.feat --test hard.feat --exclude-self -k 3 --neighbours self
is "$(awk -F'\t' 'NR > 1 && $1 == $3' self)/$(wc -l <self)" "/1801" "no row is its own neighbour"
is "$(cat "$err")/$(column "$out" top1 8)" "/k=3 exclude-self" "and nothing is to be said"
make_features 60 24 6 0.35 8 >few.feat
ok "--exclude-self of two sets" knnprobe --train hard.feat --test few.feat --exclude-self
like "$(cat "$err")" '^knnprobe: --exclude-self: ids of few.feat are in hard.feat too, but not one row' "that number their images alike"
must_fail 2 "more neighbours than others" knnprobe --train few.feat --test few.feat --exclude-self -k 60
knn_files() { ok "$1" knnprobe --train "$2" --test "$3" --neighbours near "${@:4}"; }
make_features 60 24 6 0.35 8 0 >bare.feat
knn_files "labels are not needed for neighbours" hard.feat bare.feat
is "$(cat "$out")/$(awk -F'\t' 'NR > 1 && $5 != "" || NF != 10' near)" "/" "there is no score, and no label"
is "$(cat "$err")" "knnprobe: no score: 60 of 60 rows of bare.feat have no label" "which is said"
is "$(sed -n 2p near | cut -f 9)/$(sed -n 2p near | cut -f 10 | cut -c 1-2)" "8?0/6?" "names beside numbers, in one field each"
must_fail 1 "but for a score" knnprobe --train hard.feat --test bare.feat
like "$(cat "$err")" '^knnprobe: bare.feat:record 0: label: not in the record' "and says where"
must_fail 1 "and where a key is asked for" knnprobe --train hard.feat --test few.feat --neighbours near --label shape
must_fail 1 "linprobe needs labels" linprobe --train hard.feat --test bare.feat
must_fail 1 "so does fewshot" fewshot bare.feat

# The same rows under other labels: the same scores.
probes() {
	linprobe -q --train "$1" --test "$2" --path --predictions guess && knnprobe -q --train "$1" --test "$2" -k 5 &&
		fewshot -q --episodes 200 "$1" && cut -f 1-2 guess
}
for step in 1 1000 429496729; do
	make_features 300 24 6 0.35 6 $step >step.feat
	make_features 300 24 6 0.35 7 $step >step-test.feat
	probes step.feat step-test.feat | awk -F'\t' -v OFS='\t' -v step=$step \
		'NF == 2 && $2 ~ /^[0-9]+$/ { $2 /= step } { print }' >score.$step
done
is "$(wc -l <score.1)" 400 "scores and predictions of all three"
cmp -s score.1 score.1000 && cmp -s score.1 score.429496729; result $? "whatever the classes are called, in the same memory"

stats() { rec-view -q --stats "$1" | grep '^label' | cut -f 2-3 | tr '\t\n' '  '; }
make_features 30 2 3 0.1 1 429496729 >far.feat
is "$(stats far.feat)" "0 10 429496729 10 858993458 10 " "rec-view counts the labels that occur"
is "$(stats bare.feat)" "(none) 60 " "and where there is none"
make_features 66000 1 66000 0.1 1 >many.feat
is "$(stats many.feat | cut -c 1-12)/$(stats many.feat | wc -w)/$(stats many.feat | tail -c 12)" "0 1 1 1 2 1 /131074/ (more) 464 " \
	"up to 65,536 of them each by itself"

# Names: classes of two sets are the same where their names are.
make_features 300 24 5 0.1 1 1 ant bee cat dog elk >five.feat
make_features 90 24 3 0.1 2 1 ant bee cat >three.feat
make_features 100 24 5 0.1 2 1 ant bee cat dog yak >other.feat
ok "a test set that lacks classes" linprobe --train five.feat --test three.feat --predictions guess -w 1
is "$(cat "$err")/$(column "$out" top1 2)/$(column "$out" top1 5)" "/100.00/3" "is fine"
is "$(sed -n 3p guess | cut -f 2-5 | tr '\t' ' ')" "1 1 bee bee" "names beside numbers"
ok "one with a class that training lacks" linprobe --train five.feat --test other.feat -w 1
is "$(cat "$err")" "linprobe: other.feat: 20 of 100 rows are of classes that five.feat lacks, and count as wrong: 'yak'" "names it"
is "$(column "$out" top1 2) $(column "$out" per-class 2) $(column "$out" top1 5)" "80.00 80.00 5" "and cannot be right on it"
is "$(column "$out" top1 9) $(column "$out" per-class 9)" "16.00 16.00" "nor can a guess: a fifth of four rows in five"
ok "knnprobe too" knnprobe --train five.feat --test other.feat --neighbours near
is "$(column "$out" top1 2) $(sed -n 6p near | cut -f 5-8 | tr '\t' ' ')" "80.00 5 4 yak elk" "says which"
like "$(cat "$err")" "^knnprobe: other.feat: 20 of 100 rows are of classes that five.feat lacks, and count as wrong: 'yak'$" "in one line"
ok "a class that only validation has" linprobe --train five.feat --val other.feat --test other.feat
like "$(cat "$err")" \
	"other.feat: 20 of 100 rows are of classes that five.feat lacks, and are never right while w is chosen: 'yak'" "is named"
within "$(column "$out" top1 2)" 80.01 100; result $? "and learnt in the end"
make_features 100 24 5 0.1 2 1 ant cat >fewer.feat
make_features 100 24 2 0.1 2 1 oak elm >trees.feat
must_fail 1 "not one class in both" linprobe --train five.feat --test trees.feat
like "$(cat "$err")" "trees.feat: other classes than in the training features: not one of 'oak'" "... names one"

ok "the same rows to learn and to test" linprobe --train train.feat --val val.feat --test val.feat -q
is "$(cat "$err")" "linprobe: val.feat: 120 of 120 rows are in val.feat too, with the same id and values: \
the score is of rows learnt from" "is said"
ok "the same rows to learn and to choose by" linprobe --train train.feat --val train.feat --test test.feat -q
like "$(cat "$err")" "^linprobe: train.feat: 600 of 600 rows are in train.feat too, .*: w is chosen by rows learnt from$" "is said"
knn_from_stdin() { knnprobe -q --train train.feat -k 3 <test.feat; }
ok "knnprobe reads the test from standard input" knn_from_stdin
is "$(cat "$out")" "$(cat knn)" "and says the same"

ok "fewshot on clusters" fewshot -q --episodes 100 train.feat
is "$(head -n 1 "$out")" "$header" "the same header"
is "$(column "$out" top1 2) $(column "$out" top1 3) $(column "$out" top1 4) $(column "$out" top1 8)" \
	"100.00 0.00 100 5-way 1-shot" "100 %"
is "$(column "$out" top1 9)" "20.00" "chance is one of five ways"
ok "fewshot on noise" fewshot -q --episodes 200 -N 5 -K 5 noise.feat
result "$(within "$(column "$out" top1 2)" 17.5 22.5; echo $?)" "labels without meaning: chance"

pixels() { feat-extract -q --pixels --size 4 <"$1.img" >"$1.px"; }
img-synth -q --count 60 >there.img && img-synth -q --count 9 --split test >here.img
pixels there && pixels here
ok "neighbours of images" knnprobe -q --train there.px --test here.px -k 4 --neighbours px.tsv
ok "their picture" rec-view --neighbours px.tsv,again=px.tsv --sheet near.png here.img there.img
# the IHDR: width and height as 4 bytes each, from the 16th on
size=$(od -An -tu1 -j16 -N8 near.png | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')
like "$size" '^[67][0-9][0-9] (1[89]|2[0-9])[0-9][0-9]$' "five places wide, 2 x 5 rows high"
must_fail 1 "a picture that is not there" rec-view --neighbours px.tsv --sheet none.png here.img here.img
like "$(cat "$err")" 'which a table names$' "is named"
must_fail 1 "no table of neighbours" rec-view --neighbours here.img --sheet none.png here.img there.img
head -n 7 px.tsv >short.tsv && tail -n 8 px.tsv >>short.tsv
must_fail 1 "tables of other queries" rec-view --neighbours px.tsv,short.tsv --sheet none.png here.img there.img
{ head -n 2 px.tsv; for ((i = 0; i < 5000; i++)); do printf '%d\t2\t1\t.5\t0\t0\n' $((i + 1000)); done; } >mixed.tsv
must_fail 1 "neighbours of other queries in between" rec-view --neighbours mixed.tsv --sheet none.png here.img there.img
like "$(cat "$err")" "mixed.tsv: line 3: query 1000: among the neighbours of another" "are named"
must_fail 1 "no such table" rec-view --neighbours nowhere.tsv --sheet none.png here.img there.img
must_fail 2 "--neighbours without a sheet" rec-view --neighbours px.tsv here.img there.img
[ ! -e none.png ]; result $? "no picture where there is an error"

# The same picture in one command, and precisions.
px=(knnprobe -q --train there.px --test here.px)
ok "a sheet" "${px[@]}" -k 4 --precision 1,5,10 --sheet one.png --images here.img,there.img --queries 3 --neighbours four.tsv
cp "$out" precision.tsv
ok "the table of as many neighbours" "${px[@]}" -k 10 --neighbours ten.tsv
ok "... drawn by rec-view" rec-view -n 3 --neighbours =ten.tsv --sheet ten.png here.img there.img
cmp -s one.png ten.png; result $? "... is the same picture"
is "$(cat four.tsv)" "$(awk -F'\t' '$2 <= 4 || NR == 1' ten.tsv)" "the table has those that vote"
of_table() { awk -F'\t' -v k="$1" 'NR > 1 && $2 <= k { n++; right += $5 == $6 } END { printf "%.2f", 100 * right / n }' ten.tsv; }
is "$(for k in @1 @5 @10 ""; do column precision.tsv "precision$k" 2; done)" \
	"$(for k in 1 5 10 4; do of_table $k; echo; done)" "precision@K is the share among the first K"
is "$(column precision.tsv precision@5 8)/$(column precision.tsv precision@5 9)/$(column precision.tsv precision 8)" \
	"/$(column precision.tsv precision 9)/k=4" "... whatever votes, with the same chance"
ok "a sheet shows five at least" "${px[@]}" --sheet five.png --images here.img,there.img
"${px[@]}" -k 5 --neighbours five.tsv >/dev/null && rec-view --neighbours =five.tsv --sheet five-again.png here.img there.img
cmp -s five.png five-again.png; result $? "... of five queries"
from_pipes() { "${px[@]}" --sheet pipes.png --images <(cat here.img),<(cat there.img); }
ok "images from pipes" from_pipes
cmp -s five.png pipes.png; result $? "... the same"
ok "a sheet needs no labels" knnprobe -q --train hard.feat --test bare.feat --sheet bare.png \
	--images <(img-synth -q -n 600),<(img-synth -q -n 600)
is "$(wc -l <"$out")" 0 "... but then there is no score"
must_fail 1 "images of others" "${px[@]}" --sheet none.png --images there.img,here.img
like "$(cat "$err")" '^knnprobe: here.img: no image of seq [0-9]+, which a table names$' "... which is missing"
must_fail 2 "a sheet without images" "${px[@]}" --sheet none.png
must_fail 2 "one stream of images" "${px[@]}" --sheet none.png --images there.img
must_fail 2 "images without a sheet" "${px[@]}" --images here.img,there.img
must_fail 2 "queries without a sheet" "${px[@]}" --queries 3
must_fail 2 "a sheet over the features" "${px[@]}" --sheet there.px --images here.img,there.img
must_fail 2 "precisions that do not ascend" "${px[@]}" --precision 5,1
must_fail 2 "no number" "${px[@]}" --precision 1,five
must_fail 2 "more than there are" "${px[@]}" --precision 61
like "$(cat "$err")" '^knnprobe: --precision 61: there.px has 60 rows, so' "... how many there are"
rec-cat -q --limit 3 there.px >three.px
must_fail 2 "more than there are for a sheet" knnprobe -q --train three.px --test here.px \
	--precision 2 --sheet none.png --images here.img,there.img
like "$(cat "$err")" '^knnprobe: --sheet 5: three.px has 3 rows, so' "... which asks"
[ ! -e none.png ]; result $? "no picture where there is an error"

# Scores as a stream, and where they come from.
version() { linprobe --version | sed -n '1s/^linprobe \([^ ]*\).*/\1/p'; }
ok "scores as a stream" linprobe -q --train there.px --test here.px --label colour --scores lin.score
cp "$out" lin.tsv
is "$(awk -F'\t' 'NR == 2 { print $11 "/" $12 "/" $13 }' lin.tsv)" "$(printf '%s/' "feat-extract $(version) --pixels --size 4" \
	"img-synth $(version) --count 9 --split test" "img-synth $(version) --count 60" |
		sed 's,/$,,')" "the table says what was scored and learnt from"
ok "beside another's" knnprobe -q --train there.px --test here.px --label colour -k 3 --scores knn.score
tail -n +2 "$out" >>lin.tsv
ok "and a third's" fewshot -q -N 2 --query 2 --episodes 20 --label colour here.px --scores few.score
tail -n +2 "$out" >>lin.tsv
joined() { rec-cat -q lin.score knn.score few.score >all.score && rec-view -q all.score; }
ok "joined by rec-cat, shown by rec-view" joined
# every column of the table is a key of the record, with the same value
of_json() { # of_json KEY: its values, numbers as the table has them
	sed -n "s/^{\"seq\":.*[{,]\"$1\":\(\"\([^\"]*\)\"\|\([^,}]*\)\).*/\2\3/p" "$out" |
		awk -v key="$1" 'key ~ /^(value|interval|chance)$/ { printf "%.2f\n", $0; next } { print }'
}
of_table()
{
	awk -F'\t' -v key="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { if ($at[key] != "") print $at[key] }' lin.tsv
}
wrong=""
for key in $header; do
	[ "$(of_json "$key")" = "$(of_table "$key")" ] || wrong+="$key: $(of_json "$key" | tr '\n' ' ')for $(of_table "$key" | tr '\n' ' ')"
done
is "$wrong" "" "with the values of the tables"
like "$(head -n 1 "$out")" '"kind":"score","records":6,.*"linprobe [0-9.]+ --label colour","knnprobe [0-9.]+ --vote 3 --label colour"' \
	"under the chain of all three"
ok "their figures" rec-view -q --stats all.score
is "$(grep -c '^score	' "$out")/$(grep -c '^label' "$out")" "6/0" "are a line for each metric of a probe"
ok "a probe without labels has no score" knnprobe -q --train hard.feat --test bare.feat --neighbours near --scores none.score
is "$(rec-view -q none.score | tail -n 1 | cut -d, -f 1)" '{"trailer":{"count":0' "and says so in a stream"

# shellcheck disable=SC2016 # expanded by eval
for command in 'linprobe -q -j $j --train hard.feat --test hard-test.feat --path --predictions file.$j' \
	'knnprobe -q -j $j --train hard.feat --test hard-test.feat -k 7 --neighbours file.$j' \
	'fewshot -q -j $j -K 5 --episodes 150 hard.feat; echo >file.$j'; do
	for j in 1 2 3 7; do eval "$command" >"same.$j" || echo failed >>"same.$j"; done
	same=0
	for j in 2 3 7; do cmp -s same.1 "same.$j" && cmp -s file.1 "file.$j" || same=1; done
	[ -s same.1 ] || same=1
	result $same "${command%% *}: -j 1 2 3 7, the same bytes"
done

must_fail 2 "linprobe wants a test" linprobe --train train.feat
must_fail 2 "knnprobe wants a training set" knnprobe --test test.feat
rec-cat -q --limit 1 train.feat >one.feat
must_fail 1 "too few rows to hold some out" linprobe --train one.feat --test test.feat
like "$(cat "$err")" 'one.feat: no class has enough rows' "... are named"
must_fail 2 "--hold-out beside --val" linprobe --train train.feat --val val.feat --test test.feat --hold-out 0.2
must_fail 2 "--path beside -w" linprobe --train train.feat --test test.feat -w 1 --path
must_fail 2 "no such metric" linprobe --train train.feat --test test.feat --metric top5
must_fail 1 "widths differ (linprobe)" linprobe --train train.feat --test narrow.feat
like "$(cat "$err")" '^linprobe: narrow.feat: features 23 wide, those of train.feat are 24: extract both with one model' "and says which"
must_fail 1 "widths differ (knnprobe)" knnprobe --train train.feat --test narrow.feat
img-synth -q --count 9 --label colour >other.img && pixels other
must_fail 1 "classes differ (knnprobe)" knnprobe --train there.px --test other.px
must_fail 1 "classes differ (linprobe)" linprobe -w 1 --train there.px --test other.px
like "$(cat "$err")" "^linprobe: other.px: other classes .*'red'.*'circle'" "and says which"
ok "... unless another key is asked for" knnprobe -q --train there.px --test other.px --label place
for i in 1 2; do
	img-synth -q --count 2 | aug-sample -q | aug-apply -q | ssl-train -q -s $i --steps 0 --width 0.0625 -o $i.model
	feat-extract -q --model $i.model <here.img >$i.by
done
must_fail 1 "models differ" knnprobe --train 1.by --test 2.by
like "$(cat "$err")" '^knnprobe: 2.by: features of model [0-9a-f]+, ' "and says which"
rec-cat -q 1.by 2.by 2>"$err" >both.by
must_fail 1 "features of two models joined" knnprobe --train both.by --test 2.by
like "$(cat "$err")" '^knnprobe: both.by: features of two models, [0-9a-f]+ and [0-9a-f]+, joined' "... are no features of one"
# Model files that claim more than they hold: refused before memory is taken.
# lying FILE JSON BYTES: a safetensors file of zeros.
lying()
{
	{
		printf "\\x$(printf %02x $((${#2} % 256)))\\x$(printf %02x $((${#2} / 256)))\\0\\0\\0\\0\\0\\0%s" "$2"
		head -c "$3" /dev/zero
	} >"$1"
}
lying wide.model '{"conv1.weight":{"dtype":"F32","shape":[5000,3,1,1],"data_offsets":[0,60000]},'\
'"layer1.0.conv1.weight":{"dtype":"F32","shape":[4,4,3,3],"data_offsets":[60000,60576]}}' 60576
must_fail 1 "a stem too wide to be" feat-extract --model wide.model <here.img
like "$(cat "$err")" '^feat-extract: wide.model: is no resnet18: its conv1.weight is not of 1 to 4096 filters' "... is no network of ours"
block='"layer1.0.conv1.weight":{"dtype":"F32","shape":[4,4,3,3],"data_offsets":[432,1008]}'
lying thin.model '{"conv1.weight":{"dtype":"F32","shape":[4,3,3,3],"data_offsets":[0,432]},'"$block}" 1008
must_fail 1 "a stem and a block" feat-extract --stem cifar --model thin.model <here.img
like "$(cat "$err")" '^feat-extract: thin.model: tensor [a-z0-9.]+: not in the file' "... says what is missing"
lying odd.model '{"conv1.weight":{"dtype":"F32","shape":[4,3,3,3],"data_offsets":[0,432]},'\
'"projector.0.weight":{"dtype":"F32","shape":[9,2],"data_offsets":[1008,1080]},'"$block}" 1080
must_fail 1 "a projector of something else" feat-extract --stem cifar --layer projector --model odd.model <here.img
like "$(cat "$err")" '^feat-extract: odd.model: tensor projector.0.weight: not \(n,32\)' "... is named"
must_fail 1 "no projector" feat-extract --stem cifar --layer projector --model thin.model <here.img
must_fail 2 "more neighbours than rows" knnprobe --train narrow.feat --test narrow.feat -k 61
must_fail 1 "no such key" linprobe --train train.feat --test test.feat --label shape
like "$(cat "$err")" '^linprobe: train.feat:record 0: shape: not in the record, whose labels are parity, label$' "and says where"
is "$(wc -l <"$err")" 1 "in one line"
must_fail 1 "more ways than classes" fewshot -N 7 train.feat
must_fail 2 "too much support" fewshot -N 2000 -K 2 train.feat
nothing_read() { linprobe -q --train nowhere.feat --test nowhere.feat "$@"; }
must_fail 1 "predictions where nothing can be written" nothing_read --predictions no/where
like "$(cat "$err")" '^linprobe: no/where: there is no folder no: mkdir -p no' "are refused before anything is read"
must_fail 1 "scores where nothing can be written" nothing_read --scores no/where
like "$(cat "$err")" '^linprobe: no/where: there is no folder no: mkdir -p no' "likewise"
must_fail 1 "neighbours where nothing can be written" knnprobe -q --train nowhere.feat --neighbours no/where
like "$(cat "$err")" '^knnprobe: no/where: there is no folder no: mkdir -p no' "likewise"
must_fail 2 "scores and predictions in one file" nothing_read --scores one --predictions ./one
must_fail 2 "scores over the features" linprobe -q --train train.feat --test test.feat --scores train.feat
is "$(ls one one.part train.feat.* 2>/dev/null)" "" "and nothing was begun"
like "$(linprobe --version)" 'OpenBLAS' "linprobe --version names the BLAS"
done_testing
