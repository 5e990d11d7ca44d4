#!/usr/bin/env bash
# rec-export: an array's bytes are those of the records, its header is NumPy's, its table says what they are. That all of it
# comes back is tested by rec-import.t.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"

img-synth -q --count 5 --size 8 >images
feat-extract -q --pixels --size 2 <images >features
export_it() { rec-export -q "$@" <features; }
ok "features" export_it feature.npy
cp "$out" rows
is "$(head -c 8 feature.npy | od -An -v -tx1)" " 93 4e 55 4d 50 59 01 00" "begins as NumPy's files do"
header=$((10 + $(od -An -v -tu1 -j 8 -N 1 feature.npy) + 256 * $(od -An -v -tu1 -j 9 -N 1 feature.npy)))
is "$((header % 64)) $(head -c "$header" feature.npy | tail -c 1 | od -An -tx1)" "0  0a" "the array is aligned"
like "$(tail -c +11 feature.npy | head -n 1)" "^\{'descr': '<f4', 'fortran_order': False, 'shape': \(5, 1, 12\), \} *$" "its header"
numbers() { tail -c +$((header + 1)) feature.npy | od -An -v -tfF -w4 | awk '{ printf "%.5f\n", $1 }'; }
want() { rec-view --full features | grep -o '"data":\[[^]]*' | cut -d'[' -f2 | tr ',' '\n' | awk '{ printf "%.5f\n", $1 }'; }
is "$(numbers)" "$(want)" "its numbers are those of the records"
is "$(numbers | wc -l)" 60 "all of them"
is "$(cut -f1,2,4 rows | sed 1d)" "$(rec-view features |
	sed -n 's/^{"seq":\([0-9]*\),"id":\([0-9]*\),.*"label":\([0-9]*\).*/\1\t\2\t\3/p')" \
	"the table has them in order"
is "$(head -n 1 rows | tr '\t' ' ')" "seq id epoch label class name height width" "its heading"
like "$(cat rows)" $'^0\t[0-9]+\t0\t[0-9]\t[a-z]+\t\t0\t0$' "with the class"
pixels() { rec-export -q image.npy <images; }
ok "pixels of images" pixels
is "$(tail -c 960 image.npy | od -An -v -tu1 -w1 | awk '{ print $1 }')" \
	"$(rec-view --full images | grep -o '"data":\[[^]]*' | cut -d'[' -f2 | tr ',' '\n')" "each byte of them"
omega() { aug-sample -q <images | rec-export -q --key omega omega.npy; }
ok "omega of samples" omega
like "$(head -c 120 omega.npy | tail -c +11)" "'shape': \(5, 2, 10\)" "of two views"
mixed() { { cat images >a; img-synth -q --count 1 --size 9 >b; } && rec-cat -q a b | rec-export -q mixed.npy; }
must_fail 1 "images of two sizes" mixed
like "$(cat "$err")" "record 5: of another shape" "are no array"
[ ! -e mixed.npy ] && [ ! -e mixed.npy.part ]; result $? "and no file"
must_fail 1 "a tensor that is not there" export_it --key omega no.npy
must_fail 2 "a key that is none" export_it --key cat no.npy
like "$(cat "$err")" "'cat' is no tensor of kind feature, which has param, omega, feature" "says which there are"
must_fail 2 "another ending" export_it feature.csv
like "$(cat "$err")" "none of .npy, .npz, .tsv" "says which there are"
must_fail 2 "two tensors in a .npy" export_it --key feature,param two.npy
must_fail 2 "a key without a file" export_it --key feature
table() { rec-export -q --column colour,place <images; }
ok "a table alone" table
is "$(cut -f1,7,8 "$out" | sed 1d)" "$(rec-view images |
	sed -n 's/^{"seq":\([0-9]*\),.*"colour":\([0-9]*\),"place":\([0-9]*\).*/\1\t\2\t\3/p')" \
	"with further keys"
must_fail 1 "a key that is not there" export_it --column cat
knnprobe -q --train features --test features --label colour --exclude-self --scores scores >probed 2>"$scratch/log"
scores() { rec-export -q <scores; }
ok "scores" scores
is "$(cut -f4 "$out" | head -n 2 | tr '\n' ' ')$(cut -f4 "$out" | sed 1d | wc -l)" "metric top1 $(sed 1d probed | wc -l)" \
	"are the table that was printed"
numbers_of() { export_it feature.tsv; }
ok "features as a table" numbers_of
is "$(cut -f9- feature.tsv | sed 1d | tr '\t' '\n' | awk '{ printf "%.5f\n", $1 }')" "$(want)" "with their numbers"
is "$(head -n 1 feature.tsv | cut -f9,20)" $'feature.0\tfeature.11' "under their names"
# A stream of records of our own: the reader allows it, a table cannot hold it.
wider()
{
	local a b
	mapfile -t a < <(boundaries features) && img-synth -q --count 1 --size 8 | feat-extract -q --pixels --size 3 >wide
	mapfile -t b < <(boundaries wide)
	{ head -c "${a[-2]}" features && head -c "${b[2]}" wide | tail -c +$((b[1] + 1)); } | rec-export -q wide.tsv
}
must_fail 1 "features of two widths as a table" wider
like "$(cat "$err")" 'record 5: a feature of 27 numbers, and 12 in the first record' "says which"
[ ! -e wide.tsv ]; result $? "no file appears"
python=$(python_with numpy)
if [ -n "$python" ]; then
	ok "numpy.load" "$python" -c 'import numpy; a = numpy.load("feature.npy"); assert a.shape == (5, 1, 12) and a.dtype == "<f4"'
else
	skip "numpy.load" "python3 with numpy is not there"
fi
done_testing
