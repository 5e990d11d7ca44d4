#!/usr/bin/env bash
# augprobe on features of which it is known what they know: of omega all, or nothing; on pixels; on views and their
# originals, against awk; what it refuses.
. "${0%/*}/../lib.sh"
make_features() { "$BUILD/tests/unit/aware.t" "$@"; }
[ -x "$BUILD/tests/unit/aware.t" ] || skip_all "aware.t writes the streams"

# figure FILE PROBE METRIC LABEL COLUMN
figure() { awk -F'\t' -v p="$2" -v m="$3" -v l="$4" -v c="$5" '$7 == p && $1 == m && $6 == l { print $c; exit }' "$1"; }
# holds EXPRESSION: of awk, with a and i being the value and interval of the last `take`
take() { a=$(figure "$1" "$2" "$3" "$4" 2) i=$(figure "$1" "$2" "$3" "$4" 3) c=$(figure "$1" "$2" "$3" "$4" 9); }
holds() { awk -v a="$a" -v i="$i" -v c="$c" "BEGIN { exit !($1) }"; result $? "$2: $a +- $i, chance $c"; }

samples() { img-synth -q --count "$1" --size 32 "${@:3}" | aug-sample -q --preset "$2"; }
samples 3000 cifar:strong+rotation+solarize >train.sam
samples 1500 cifar:strong+rotation+solarize --split test >test.sam
for i in train test; do
	make_features known 1 <$i.sam >$i.known || exit 1
	make_features noise 1 <$i.sam >$i.noise || exit 1
done

# --- what is known is found ---
probe() { augprobe -q --train "train.$1" --test "test.$1" --hidden 64 --epochs 20 "${@:2}"; }
ok "features that are sums of omega" probe known
cp "$out" known
is "$(head -n 1 known | cut -f 1-10 | tr '\t' ' ')" "metric value interval n classes label probe setting chance unit" "the table of probes"
is "$(tail -n +2 known | cut -f 6,7 | sort -u | tr '\t\n' '  ')" "color aware-linear color aware-mlp crop aware-linear crop aware-mlp \
flip aware-linear flip aware-mlp rotation aware-linear rotation aware-mlp solarize aware-linear solarize aware-mlp " \
	"two probes of each operation that has a target"
is "$(tail -n +2 known | cut -f 4 | sort -u)" 1500 "n is the number of images"
for op in color solarize; do
	take known aware-linear relative $op
	holds "a < 0.001" "$op: nothing is left of the error"
	take known aware-linear r2 $op
	holds "a > 0.999" "... and R2 is 1"
done
take known aware-linear relative crop
holds "a > .1 && a < .6" "crop: a linear map does not know which view is mirrored"
take known aware-mlp relative crop
holds "a < .3" "... the head does"
take known aware-linear accuracy flip
holds "a > 44 && a < 56 && i < 3" "flip: whether two are alike is no linear map"
take known aware-mlp accuracy flip
holds "a > 97" "... the head knows"
take known aware-mlp accuracy rotation
holds "a > c + 10" "rotation: the head knows more than the most frequent class"

# --- what is not known is not found ---
ok "features that are noise" probe noise
for op in color solarize crop; do
	take "$out" aware-linear relative $op
	holds "a > .97 && a < 1.05 && c > .99 && c < 1.01" "$op: all of the error is left"
	take "$out" aware-mlp relative $op
	holds "a > .97 && a < 1.05" "... of the head's too"
done
take "$out" aware-linear mse color
# U(-.5,.5) with probability .8, twice: 2 x .8 / 12
holds "(c - .13333) ^ 2 < i ^ 2 && (a - c) ^ 2 < (i / 2) ^ 2 && i < .01" "the constant predictor's error of color is 0.1333"
for p in aware-linear aware-mlp; do
	take "$out" $p accuracy flip
	holds "(a - 50) ^ 2 < (1.6 * i) ^ 2 && i > 1 && i < 3" "$p: flip is a coin"
	take "$out" $p accuracy rotation
	holds "a < c + i && c > 35 && c < 47" "$p: rotation is no better known than the most frequent class"
done

# --- which operations, threads, seeds, scores ---
ok "--ops" probe noise --epochs 0 --ops solarize,crop --scores scores
is "$(tail -n +2 "$out" | cut -f 6 | uniq | tr '\n' ' ')" "crop solarize " "those alone, and no head"
is "$(rec-view -q scores | head -n 2 | tail -n 1 | grep -oE '"(metric|label|probe)":"[^"]*"' | tr '\n' ' ')" \
	'"metric":"mse" "label":"crop" "probe":"aware-linear" ' "as records, too"
for j in 1 2 3; do
	ok "-j $j" augprobe -q -j $j --train train.known --test test.known --hidden 32 --epochs 2 --scores file.$j
	cp "$out" table.$j
done
cmp -s table.1 table.2 && cmp -s table.1 table.3 && cmp -s file.1 file.2 && cmp -s file.1 file.3
result $? "the same bytes on any number of threads"
ok "another seed" augprobe -q --seed 1 --train train.known --test test.known --hidden 32 --epochs 2
! cmp -s "$out" table.1
result $? "... is another head"
from_stdin() { augprobe -q --train train.known --hidden 32 --epochs 2 <test.known; }
ok "--test from standard input" from_stdin
is "$(cat "$out")" "$(cat table.1)" "... says the same"
ok "an operand" augprobe --train train.known --hidden 32 --epochs 2 test.known
is "$(cat "$out")" "$(cat table.1)" "... too"
is "$(cat "$err")" "" "nothing is to be said"
printf '%s\n' "size = 16" "op = crop" "op = flip p=1" "op = color p=0" >fixed.policy
fix() { img-synth -q --count 60 | aug-sample -q --policy fixed.policy 2>/dev/null | make_features known 1; }
fix >fixed.pairs
ok "operations that change nothing, or all views alike" augprobe --train fixed.pairs --test fixed.pairs --epochs 0
like "$(cat "$err")" "^augprobe: left out: flip \(p is 1\), color \(p is 0\)$" "are left out, which is said"

# --- several views, several roles ---
views_5() { img-synth -q --count 200 --split "$1" | aug-sample -q --views 5 --preset cifar | make_features known 3; }
views_5 train >five.train && views_5 test >five.test
ok "five views of each image" augprobe --train five.train --test five.test --epochs 0
like "$(cat "$err")" "view 5 of each image is in no pair" "are two pairs, which is said"
is "$(figure "$out" aware-linear mse color 4)" 200 "... of 200 images"
printf '%s\n' "role = view count=2" "size = 16" "op = crop" "op = color" "role = small count=2" "size = 8" \
	"op = crop scale_max=.5" "op = color" >roles.policy
roles() { img-synth -q --count 60 | aug-sample -q --policy roles.policy | aug-apply -q >roles.views; }
ok "views of two roles" roles
pixels() { feat-extract -q --pixels "$@"; }
pixels --size 8 --role small <roles.views >small.pairs && pixels --size 16 <roles.views >view.pairs
ok "pairs of one of them" augprobe -q --epochs 0 --train small.pairs --test small.pairs --ops color
must_fail 1 "pairs of both" augprobe --epochs 0 --train view.pairs --test small.pairs
like "$(cat "$err")" "small.pairs: features 192 wide, those of view.pairs are 768: extract both with" "... are of different networks"

# --- invariance, against awk ---
img-synth -q --count 30 >some.img
aug-sample -q --size 8 --views 3 <some.img | aug-apply -q | pixels --size 8 >some.views
pixels --size 8 <some.img >some.feat
invariance() { augprobe --original some.feat "$@" some.views; }
ok "views and their originals" invariance
cp "$out" found
is "$(tail -n +2 found | cut -f 1,4,6,7 | tr '\t\n' ' /')" "cosine 30 crop,flip,color,gray invariance/cosine-views 30 crop,flip,color,gray \
invariance/" "two figures, of the operations that change views"
numbers() { rec-view -q --full "$1" | sed -n 's/.*"id": *\([0-9]*\).*"feature": *{[^}]*"data": *\[\([^]]*\)\].*/\1 \2/p' | tr ',' ' '; }
{ numbers some.feat | sed 's/^/o /'; numbers some.views | sed 's/^/v /'; } | awk '
function dot(a, b,   s, k) { s = 0; for (k = 1; k <= 192; k++) s += x[a, k] * x[b, k]; return s }
function add(id, from, n,   k, s) {
	rows++
	for (k = 1; k <= 192; k++) { x[rows, k] = $(from + k); s += $(from + k) ^ 2 }
	for (k = 1; k <= 192; k++) x[rows, k] /= sqrt(s)
	of[rows] = id
}
$1 == "o" { add($2, 2); original[rows] = 1 }
$1 == "v" { for (v = 0; v < 3; v++) add($2, 2 + 192 * v) }
END {
	for (i = 1; i <= rows; i++) if (!original[i]) for (j = 1; j <= rows; j++) if (i != j) {
		which = (original[j] ? "o" : "v") (of[i] == of[j] ? "same" : "other")
		sum[which] += dot(i, j); n[which]++
	}
	printf "%.5f %.5f ", sum["osame"] / n["osame"], sum["oother"] / n["oother"]
	printf "%.5f %.5f\n", sum["vsame"] / n["vsame"], sum["vother"] / n["vother"]
}' >want
awk -F'\t' 'NR > 1 { printf "%.5f %.5f%s", $2, $9, NR == 3 ? "\n" : " " }' found >got
is "$(cat got)" "$(cat want)" "the cosines, and those of other images, are awk's"
same_views()
{
	img-synth -q --count 30 | aug-sample -q --eval --size 8 --filter bilinear --views 2 | aug-apply -q --dtype f4 | pixels --size 8
}
pixels --size 8 --filter bilinear <some.img >same.feat && same_views >same.views
ok "views that are their originals" augprobe -q --original same.feat --test same.views
is "$(cut -f 2,6 "$out" | tail -n +2 | tr '\t\n' ' /')" "1 /1 /" "have cosine 1, and no operation changes them"
printf '%s\n' "size = 8" "op = crop scale_min=1" "op = gray" >gray.policy
aug-sample -q --policy gray.policy 2>/dev/null <some.img | aug-apply -q | pixels --size 8 >gray.views
ok "views that one operation changes" augprobe -q --original some.feat --test gray.views
is "$(tail -n 1 "$out" | cut -f 6)" gray "name it, and not a crop that is always the whole"
img-synth -q --count 20 | pixels --size 8 >few.feat
must_fail 1 "images without an original" augprobe --original few.feat some.views
like "$(cat "$err")" "^augprobe: some.views: image [0-9]+ has no original among 20$" "... are named"

# --- rank ---
ok "effective rank" augprobe --rank test.noise
is "$(tail -n 1 "$out" | cut -f 1,4,6-8 | tr '\t' ' ')" "rank 3000  rank d=12" "of all rows"
a=$(tail -n 1 "$out" | cut -f 2)
# U(1,2): the mean gives one singular value of 1.5 sqrt 12, the noise eleven of sqrt(1/12)
awk -v a="$a" 'BEGIN { s = 1.5 * sqrt(12); t = sqrt(1 / 12); p = s / (s + 11 * t); q = t / (s + 11 * t)
	want = exp(-p * log(p) - 11 * q * log(q)); exit !(a > want - .1 && a < want + .1) }'
result $? "... of noise around a mean: one large singular value, and eleven alike: $a"
ok "... of images" augprobe -q --rank <some.feat

# --- refusals ---
must_fail 1 "images, of which nothing was drawn" augprobe --train some.feat --test some.feat
like "$(cat "$err")" "some.feat:record 0: features of images, of which nothing was drawn: aug-sample \| aug-apply make views" "... say how"
img-synth -q --count 20 | aug-sample -q --views 1 | make_features known 1 >single
must_fail 1 "one view of each image" augprobe --train single --test single
like "$(cat "$err")" "single: one view of each image, and a pair needs two .aug-sample --views 2.$" "... say how"
samples 40 cifar:weak+rotation+solarize | make_features known 1 >weak
must_fail 1 "pairs that were drawn otherwise" augprobe --train train.known --test weak
like "$(cat "$err")" "^augprobe: weak: views of another policy: it has 'op = color .*' where that of the training features has 'op = c" \
	"... say where"
must_fail 2 "an operation that the policy lacks" augprobe --train train.known --test test.known --ops crop,blur
like "$(cat "$err")" "^augprobe: --ops: the views' policy has no 'blur', only crop, flip, color, solarize, gray, rotation$" \
	"... say what there is"
must_fail 2 "one without a target" augprobe --train train.known --test test.known --ops gray
like "$(cat "$err")" "--ops: nothing of gray can be told from these views: it has no target$" "... say why"
printf '%s\n' "size = 16" "op = crop scale_min=1" "op = gray" >nothing.policy
mute() { img-synth -q --count 20 | aug-sample -q --policy nothing.policy 2>/dev/null | make_features known 1; }
mute >mute.pairs
must_fail 1 "a policy of which nothing can be told" augprobe --train mute.pairs --test mute.pairs
like "$(cat "$err")" "mute.pairs: nothing was drawn that pairs could tell: crop \(scale_min is 1: it is always the whole\), gray" \
	"... say why"
must_fail 2 "nothing to do" augprobe test.known
must_fail 2 "two things to do" augprobe --rank --train train.known --test test.known
must_fail 2 "options of another task" augprobe --rank --epochs 3 test.known
must_fail 2 "two sets to score" augprobe --rank --test test.known test.noise
ok "the same pairs to learn and to test" augprobe --train five.train --test five.train --epochs 0
like "$(cat "$err")" "five.train: 1000 of 1000 rows are in five.train too, .*: the score is of rows learnt from$" "... is said"
done_testing
