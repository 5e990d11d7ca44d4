#!/usr/bin/env bash
# linprobe's other ways to learn: by gradient descent from a set or a stream of epochs, from a few images of each class, and
# where objects are. tests/cli/probes.t has the usual one.
. "${0%/*}/../lib.sh"
make_features() { "$BUILD/tests/unit/features.t" "$@"; }
[ -x "$BUILD/tests/unit/features.t" ] || skip_all "features.t writes the streams"

# rows width classes spread seed
make_features 600 24 6 0.1 1 >train.feat
make_features 120 24 6 0.1 2 >val.feat
make_features 240 24 6 0.1 3 >test.feat
make_features 600 24 6 0.35 6 >hard.feat
make_features 600 24 6 0.35 7 >hard-test.feat

# column FILE METRIC COLUMN [PROBE]
column() { awk -F'\t' -v m="$2" -v c="$3" -v p="${4-}" '$1 == m && (p == "" || $7 == p) { print $c; exit }' "$1"; }
within() { awk -v a="$1" -v lo="$2" -v hi="$3" 'BEGIN { exit !(a != "" && a + 0 >= lo + 0 && a + 0 <= hi + 0) }'; }
same_on_threads() # WHAT COMMAND...: the same bytes with -j 1 2 3
{
	local j same=0
	for j in 1 2 3; do "${@:2}" -j $j >"same.$j" 2>&1 || same=1; done
	cmp -s same.1 same.2 && cmp -s same.1 same.3 && [ -s same.1 ] || same=1
	result $same "$1: -j 1 2 3, the same bytes"
}

# ---- gradient descent ----

ok "--sgd on clusters" linprobe -q --sgd --train train.feat --val val.feat --test test.feat --predictions guess
is "$(column "$out" top1 2 linear-sgd) $(column "$out" top1 8) $(column "$out" top1 9)" \
	"100.00 epochs=100 lr=30 batch=256 16.67" "100 %, by LooC's settings"
is "$(column "$out" top1 4 linear-sgd) $(column "$out" top1 4 linear-sgd-val)" "240 120" "validation is scored beside it"
is "$(awk 'NR > 1 && $2 != $3' guess)/$(wc -l <guess)" "/241" "predictions as ever"
ok "an easier task is learnt as by the exact probe" linprobe -q --sgd --lr 1 --train hard.feat --test hard-test.feat
sgd=$(column "$out" top1 2)
linprobe -q -w 0.1 --train hard.feat --test hard-test.feat >exact
within "$sgd" "$(column exact top1 2 | awk '{ print $1 - 2 }')" "$(column exact top1 2 | awk '{ print $1 + 2 }')"
result $? "within 2 points: $sgd, $(column exact top1 2)"
hard() { linprobe -q --sgd --epochs 5 --lr 1 --train hard.feat --test hard-test.feat "$@"; }
same_on_threads "--sgd" hard --predictions guess
hard >once; hard --seed 1 >other; hard --drops 3,4 >same; hard --drops 2,4 >drops; hard --batch 100 >smaller
cmp -s once same; result $? "the rate falls at 60 and 80 % of the epochs"
for i in other drops smaller; do
	cmp -s once $i; is "$?" 1 "$i: another result"
done

# A stream of epochs: what the pipe says, and that epochs of a set in one order are as that stream.
views()
{
	img-synth -q -n 90 --epochs "$1" --shuffle | aug-sample -q --preset linear --size 8 | aug-apply -q |
		feat-extract -q --pixels --size 8
}
img-synth -q -n 60 --split test | feat-extract -q --pixels --size 8 >view-test.feat
of_stream() { views 4 | linprobe -q --sgd --lr 0.1 --train - --test view-test.feat; }
ok "a stream of four epochs" of_stream
is "$(column "$out" top1 8)" "epochs=4 lr=0.1 batch=256" "has so many"
is "$(column "$out" top1 13 | cut -d' ' -f1)/$(column "$out" top1 9)" "img-synth/12.50" "learnt from its images, of all its classes"
views 4 >views.feat
of_file=(linprobe -q --sgd --lr 0.1 --train views.feat --test view-test.feat)
of_stream >a; "${of_file[@]}" >b
cmp -s a b; result $? "from a file as from a pipe"
same_on_threads "a stream" "${of_file[@]}"
# In steps of all rows their order hardly matters: a set in memory, gone through three times, is as three epochs of it.
three() { img-synth -q -n 90 "$@" | feat-extract -q --pixels --size 8 |
	linprobe -q --sgd --lr 0.1 --epochs 3 --batch 90 --train - --test view-test.feat --predictions guess; }
ok "three epochs of a stream" three --epochs 3
cp guess guess.stream
ok "three epochs of a set" three
cmp -s guess guess.stream; result $? "... learn the same"
ok "fewer epochs than there are" "${of_file[@]}" --epochs 2
like "$(column "$out" top1 8)" "^epochs=2 " "... that many"
must_fail 2 "more epochs than there are" "${of_file[@]}" --epochs 5
like "$(cat "$err")" '^linprobe: --epochs 5: views.feat has 4$' "... how many there are"
rec-cat -q --limit 200 views.feat >short.feat
must_fail 1 "a stream that ends too soon" linprobe -q --sgd --epochs 4 --train short.feat --test view-test.feat
like "$(cat "$err")" '^linprobe: short.feat: 3 of 4 epochs, and then it ends' "... is told"
rec-cat -q views.feat --limit 359 >cut.feat; head -c 20000 views.feat >broken.feat
must_fail 1 "a stream that is cut" linprobe -q --sgd --train broken.feat --test view-test.feat
of_key() { views 2 | linprobe -q --sgd --lr 0.1 --label colour --train - --test "$1"; }
ok "another key: the classes are those of the test" of_key view-test.feat
is "$(column "$out" top1 6)" colour "... of that key"
img-synth -q -n 1 --split test | feat-extract -q --pixels --size 8 >one.feat
must_fail 1 "a class that the test lacks" of_key one.feat
like "$(cat "$err")" 'a row of class [0-9]+, which neither the header nor --test or --val has$' "... is named"
make_features 900 24 6 -0.3 4 >noise.feat
ok "much too high a rate" linprobe --sgd --epochs 9 --lr 1e6 --train noise.feat --test hard-test.feat
like "$(cat "$err")" \
	'^linprobe: the loss ends at [0-9.e+]+, where guessing has 1.79: --lr 1e\+06 is too high for these features, try 100000$' \
	"... is told"

# ---- a few images of each class ----

make_features 1200 24 6 0.6 6 >few.feat
make_features 600 24 6 0.6 7 >few-test.feat
few() { linprobe -q --per-class 5 --draws 4 --train few.feat --test few-test.feat "$@"; }
ok "--per-class" few
cp "$out" draws
is "$(grep -c 'linear-draw' draws) $(column draws top1 8 linear-few)" "8 K=5 draws=4 w by the rest" \
	"two scores of each draw, and their mean"
is "$(awk -F'\t' '$1 == "top1" && $7 == "linear-draw" { n++; s += $2 } END { printf "%.1f", s / n }' draws)" \
	"$(column draws top1 2 linear-few | awk '{ printf "%.1f", $1 }')" "... is their mean"
is "$(awk -F'\t' '$1 == "top1" && $7 == "linear-draw" { n++; s += $2; q += $2 ^ 2 }
	END { printf "%.1f", 3.18245 * sqrt((q - s * s / n) / (n - 1) / n) }' draws)" \
	"$(column draws top1 3 linear-few | awk '{ printf "%.1f", $1 }')" "... with Student's interval"
few --draws 2 >two
is "$(grep 'draw=[12] ' draws)" "$(grep linear-draw two)" "fewer draws are the first of more"
few --draws 1 --seed 1 >second
is "$(grep linear-draw second | cut -f 2-5)" "$(grep 'draw=2 ' draws | cut -f 2-5)" "a seed is a draw"
is "$(column second top1 3 linear-few)" "" "one draw does not tell how certain it is"
ok "--per-class -w" few -w 0.1 --draws 3
is "$(column "$out" top1 8 linear-few)/$(grep -c 'linear-draw.K=5 draw=[123] w=0.1' "$out")" "K=5 draws=3 w=0.1/6" "w is given"
ok "--per-class --val" few --val val.feat --draws 2
is "$(column "$out" top1 8 linear-few)" "K=5 draws=2 w by val" "what chose w is said"
is "$(grep -c 'linear-draw.K=5 draw=[12] w=1e-06' "$out")/$(grep -c 'w=1e-06' two)" 4/0 \
	"w is chosen by validation: of clusters that any w parts, the smallest"
same_on_threads "--per-class" few --draws 2
ok "more images, better scores" few --per-class 40
within "$(column "$out" top1 2 linear-few)" "$(column draws top1 2 linear-few)" 100; result $? "from 5 to 40"
must_fail 1 "all images are drawn" few --per-class 1000
like "$(cat "$err")" 'few.feat: no image is left to choose w by: --val or -w is needed$' "... what to type"
ok "a class has fewer" linprobe --per-class 1000 --draws 1 -w 1 --train few.feat --test test.feat
like "$(cat "$err")" '^linprobe: few.feat: a class has only 200 images, all of which are drawn$' "... is told"

# ---- boxes ----

# Pixels of these images hardly tell where the object is.
pixels() { feat-extract -q --pixels --size 6 --whole; }
img-synth -q -n 900 | pixels >box-train.feat
img-synth -q -n 300 --split test | pixels >box-test.feat
ok "--boxes" linprobe --boxes --train box-train.feat --test box-test.feat
is "$(cut -f 1,4,5,7 "$out" | tail -n 3 | tr '\t\n' '  ')" "l2 300 0 boxes l2-root 300 0 boxes iou 300 0 boxes " \
	"three scores, without classes"
is "$(cat "$err")" "" "and nothing to be said: every image has one box, and is whole"
awk -F'\t' '$1 == "l2" { a = $2; c = $9 } $1 == "l2-root" { b = $2; d = $9 } $1 == "iou" { i = $2; e = $9 }
	END { exit !(b * b / a > 0.999 && b * b / a < 1.001 && d * d / c > 0.999 && d * d / c < 1.001 &&
		a < 1.02 * c && i > 0.98 * e && i < 1) }' "$out"
result $? "the root is the root, and nothing is worse than the mean box"
# What the mean box scores, by awk.
boxes() { img-synth -q -n "$@" | rec-view | sed -n 's/.*"boxes":{"[a-z]*":\[\(.*\)\]}.*/\1/p' | tr , ' '; }
is "$(column "$out" l2 9) $(column "$out" iou 9)" "$({ boxes 900; echo; boxes 300 --split test; } | awk '
	function least(a, b) { return a < b ? a : b }
	function shared(a, m, b, n,    s) { s = least(a + m, b + n) - (a > b ? a : b); return s > 0 ? s : 0 }
	!NF { for (k = 1; k <= 4; k++) mean[k] /= n; learnt = n; n = 0; next }
	{ n++ }
	!learnt { for (k = 1; k <= 4; k++) mean[k] += $k; next }
	{ for (k = 1; k <= 4; k++) l2 += ($k - mean[k]) ^ 2 / 4
	  both = shared($1, $3, mean[1], mean[3]) * shared($2, $4, mean[2], mean[4])
	  iou += both / ($3 * $4 + mean[3] * mean[4] - both) }
	END { printf "%.6g %.6g", l2 / n, iou / n }')" "chance is what the mean box of all that was learnt from scores"
ok "features that tell" linprobe -q --boxes thing --train hard.feat --test hard-test.feat
awk -F'\t' '$1 == "l2" { l2 = $2 } $1 == "iou" { iou = $2; chance = $9 } END { exit !(l2 < 1e-9 && iou > 0.9999 && chance < 0.95) }' "$out"
result $? "... where the boxes are, exactly"
ok "--boxes CLASS" linprobe -q --boxes star --train box-train.feat --test box-test.feat --scores star.score --path
stars=$(img-synth -q -n 300 --split test | rec-view | grep -c '"boxes":{"star"')
is "$(column "$out" iou 4 boxes) $(column "$out" iou 8 boxes | cut -d' ' -f1)" "$stars class=star" "the stars alone, $stars of 300"
is "$(grep -c boxes-path "$out")" 135 "and three scores at each penalty"
best=$(awk -F'\t' '$1 == "l2" && $7 == "boxes-path" && (!n++ || $2 < b) { b = $2; w = $8 } END { print w }' "$out")
is "$(column "$out" l2 8 boxes)" "$best" "the first best on validation"
like "$(rec-view star.score | head -n 1)" '"linprobe [0-9.]+ star --boxes"' "the class is in the chain"
ok "--boxes CLASS, and what is left out" linprobe --boxes star --train box-train.feat --test box-test.feat -w 1
like "$(cat "$err")" "^linprobe: box-test.feat: without one box of 'star': $((300 - stars)) records have none, 0 several$" "is counted"
same_on_threads "--boxes" linprobe -q --boxes --train box-train.feat --test box-test.feat --path
img-synth -q -n 90 | feat-extract -q --pixels --size 6 >middle.feat
ok "features of the middle" linprobe --boxes --train middle.feat --test box-test.feat
like "$(cat "$err")" 'middle.feat: features of the middle of each image, so that boxes may lie elsewhere \(feat-extract --whole\)$' \
	"are doubted"
must_fail 1 "no such class" linprobe -q --boxes cow --train box-train.feat --test box-test.feat
like "$(cat "$err")" "^linprobe: box-train.feat: not one record with exactly one box of 'cow': 900 have none, 0 several$" "... is told"
printf 'P5 2 2 255\n\1\2\3\4' >bare.pgm && img-read -q files bare.pgm | pixels >bare.feat
must_fail 1 "records without boxes" linprobe -q --boxes --train bare.feat --test box-test.feat
ok "views keep their boxes" linprobe -q --boxes -w 1 --train views.feat --test view-test.feat

# ---- what does not go together ----

wrong() { must_fail 2 "$*" linprobe -q --train train.feat --test test.feat "$@"; }
wrong --sgd --boxes
wrong --sgd --per-class 5
wrong --per-class 5 --boxes
wrong --sgd -w 1
wrong --sgd --path
wrong --epochs 3
like "$(cat "$err")" '^linprobe: --epochs goes with --sgd only$' "... what it goes with"
wrong --lr 3
wrong --draws 3
wrong --boxes --label colour
like "$(cat "$err")" '^linprobe: --label does not go with --boxes$' "... what it does not go with"
wrong --per-class 5 --predictions guess
wrong --sgd --drops 3,3
wrong --sgd --drops 3,x
wrong --sgd --drops 1,2,3,4,5,6,7,8,9
wrong star
like "$(cat "$err")" "^linprobe: 'star': only --boxes takes an operand, the class$" "... what operands are"
done_testing
