#!/usr/bin/env bash
# rec-cat and rec-view.
. "${0%/*}/../lib.sh"
for p in img-synth rec-cat rec-view; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done

img-synth -q --count 5 --size 8 --seed 1 >a
img-synth -q --count 4 --size 8 --seed 2 >b
to_file() { "${@:2}" >"$1"; }
png_size() { od -An -j 16 -N 8 -t x1 "$1"; }
f4_sheet() { aug-apply -q --dtype f4 <sa | rec-view -n 2 --sheet f4.png; }
whole_sheet() { aug-sample -q --eval --size 8 <a | aug-apply -q --dtype "$1" | rec-view --sheet "whole-$1.png"; }
lines() { rec-view "$@" | grep -v '^{"header"\|^{"trailer"'; }

ok "two streams are joined" to_file ab rec-cat a b
like "$(cat "$err")" '^rec-cat: sealed [0-9a-f]{16} 9 records, 0 skipped$' "the seal is said"
is "$(lines ab)" "$(lines a; lines b)" "with all their records as they were"
like "$(rec-view ab | head -n 1)" '"records":9,"epochs":1,.*"img-synth [^"]*--seed 1","img-synth [^"]*--seed 2","rec-cat [^"]*"\]' \
	"the header has their sum and the chain of both"
rec-cat -q a b >again
cmp -s ab again; result $? "the same bytes twice"
like "$(rec-view ab | tail -n 1)" '"count":9,"skipped":0,"xxh64":"[0-9a-f]{16}"' "rec-view shows the trailer"

rec-cat -q --skip 3 --limit 4 a b >"cut"
is "$(lines cut)" "$(lines ab | sed -n 4,7p)" "--skip and --limit cut"
like "$(rec-view cut | head -n 1)" '"records":4,' "and the header says how many are left"
like "$(rec-view cut | head -n 1)" 'rec-cat [^"]*--skip 3 --limit 4"' "and what was done"
rec-cat -q --limit 0 a >none
like "$(rec-view none | tail -n 1)" '"count":0' "no record is a stream too"
rec-cat -q --skip 100 a >none
like "$(rec-view none | tail -n 1)" '"count":0' "more skipped than there are"
piped() { img-synth -q --count 100000 --size 8 | rec-cat -q --limit 2 | rec-view >view; }
ok "what follows the limit is not read" piped
stdin() { rec-cat -q - b <a >ab2; }
ok "an operand - is standard input" stdin
cmp -s ab ab2; result $? "and gives the same bytes"

# Every bit of a trailer is guarded: nothing is sealed anew that was changed.
rec-cat -q --limit 1 a >one
perl -e 'local $/; $_ = <>; my $t = rindex $_, "\xa7trailer"; die if $t < 0;
for my $i (8 * ($t - 2) .. 8 * length($_) - 1) { my $s = $_; vec($s, $i, 1) ^= 1; open my $f, ">", "bit$i" or die; print $f $s }' one
wrong='' bits=0
for bit in bit*; do
	bits=$((bits + 1))
	rec-cat -q "$bit" >sealed 2>"$scratch/log"
	[ $? = 1 ] && ! rec-view sealed >"$scratch/log" 2>&1 || wrong="$wrong $bit"
done
rm bit*
is "$bits changed bits, unseen:$wrong" "$((8 * 42)) changed bits, unseen:" "a change of any bit of a trailer is refused, and not sealed"

# A stream that 0.1.0 wrote: its format had no hash over the trailer.
old=$top/tests/golden/stream-0.1.0.rec
ok "a stream of version 1 is read" rec-view "$old"
like "$(tail -n 1 "$out")" '"count":2,"skipped":1,"xxh64":"f19b01311fe7e658"' "to its trailer"
ok "and sealed anew" to_file new rec-cat "$old"
like "$(cat "$err")" 'version 1: nothing guards the 1 skipped' "with a word about what nothing guarded"
is "$(lines new)" "$(lines "$old")" "its records are the same"
is "$(perl -0777 -ne '/version(.)/s; print ord $1' new)" 2 "in a stream of version 2"
ok "which is read" to_file again rec-cat new
is "$(wc -l <"$err")" 1 "without that word"

must_fail 1 "another kind is refused" rec-cat a "$top/Makefile"
head -c 1000 a >short
must_fail 1 "a truncated operand" rec-cat short
like "$(cat "$err")" '^rec-cat: short:record [0-9]+: truncated' "is named with its record"
cat a b >two
must_fail 1 "streams joined by cat are refused" rec-cat two
like "$(cat "$err")" 'join streams by rec-cat' "and told what joins them"
must_fail 1 "a file that is not there" rec-cat nowhere
if img-synth -q --label colour --count 2 --size 8 >c 2>/dev/null; then
	must_fail 1 "streams whose classes differ" rec-cat a c
	like "$(cat "$err")" "^rec-cat: c: class 0 is '[a-z]+' where a has '[a-z]+'\$" "and how they do"
fi
if [ -x "$BUILD/bin/aug-sample" ]; then
	aug-sample -q --preset cifar <a >sa
	aug-sample -q --preset cifar:weak <a >sw
	must_fail 1 "samples of two policies" rec-cat sa sw
	like "$(cat "$err")" "^rec-cat: sw: the policy has '.*' where sa has '.*'\$" "and the line that differs"
	like "$(rec-view sa | sed -n 2p)" '"param":\[\{"crop\.top":' "parameters have the policy's names"
	like "$(rec-view --stats sa)" "^param	crop\.top	10	" "in the figures too"
	ok "a sheet of samples" rec-view --sheet sample.png sa
	[ "$(head -c 4 sample.png | tail -c 3)" = PNG ]; result $? "is a PNG"
	if [ -x "$BUILD/bin/aug-apply" ]; then
		aug-apply -q <sa >va
		ok "a sheet of views" rec-view -n 2 --sheet view.png va
		ok "of f4 views" f4_sheet
		# the two kinds of views round differently (aug-apply): their pixels are not compared
		is "$(png_size f4.png)" "$(png_size view.png)" "is as large"
		# these are the image itself, a level for each 255th: nothing is left to round
		ok "a sheet of whole images as bytes" whole_sheet u1
		ok "and as floats" whole_sheet f4
		cmp -s whole-u1.png whole-f4.png; result $? "is the same picture"
	fi
	must_fail 1 "samples and images" rec-cat a sa
	like "$(cat "$err")" "^rec-cat: sa: a stream of kind 'sample' where a is of kind 'image'; only one kind can be joined\$" \
		"of different kinds"
fi

# What was drawn rides along to features of views; for images nothing is drawn.
if [ -x "$BUILD/bin/feat-extract" ]; then
	img-synth -q --count 200 --size 8 | aug-sample -q | aug-apply -q >va # more than a reader's buffer holds
	feat-extract -q --pixels --size 32 <va >fa
	drawn() { lines "$1" | grep -o '^.*"omega":\[[^]]*\]'; }
	is "$(drawn fa)" "$(drawn va)" "features of views have height, width, param and omega as the views do"
	like "$(drawn fa)" '"width":8,"param":\[\{"crop\.top":' "under their names"
	is "$(rec-view --stats fa | grep -E '^(size|param|omega)')" "$(rec-view --stats va | grep -E '^(size|param|omega)')" \
		"and the same figures"
	like "$(rec-view --stats fa)" "^size	height	200	8	0	8	8$" "sizes among them"
	feat-extract -q --pixels --size 8 <a >fimg
	is "$(lines fimg | grep -cE '"(height|width|param|omega)"')" 0 "features of images have none"
	is "$(lines fimg | wc -l)" 5 "of five"
fi

# What was left out before is counted to the end.
printf 'P6 9 9 255\n' >bad.ppm
printf 'P6 1 1 255\nabc' >good.ppm
img-read -q files good.ppm bad.ppm --max-bad 1 >bad 2>"$scratch/log"
filters() { aug-sample -q <bad >bs && aug-apply -q <bs >bv && feat-extract -q --pixels <bad >bi && feat-extract -q --pixels <bv >bf; }
ok "filters read a stream with an image left out" filters
for f in bad bs bv bi bf; do like "$(rec-view $f | tail -n 1)" '"count":1,"skipped":1,' "$f: which is counted"; done

ok "a sheet of images" rec-view --sheet image.png a
rec-view --sheet image2.png a
cmp -s image.png image2.png; result $? "has the same bytes twice"
must_fail 2 "--sheet goes with no other way to show" rec-view --sheet x.png --stats a
features() { img-synth -q --count 2 | feat-extract -q --pixels --size 2; }
features >features.rec
must_fail 1 "a sheet of features" rec-view --sheet x.png features.rec
must_fail 1 "a sheet of nothing" rec-view --sheet x.png none
must_fail 1 "a sheet of a truncated stream" rec-view --sheet x.png short
[ ! -e x.png ]; result $? "leaves no file"
must_fail 1 "a sheet that cannot be written" rec-view --sheet nowhere/x.png a

is "$(rec-view -n 2 a | wc -l)" 3 "-n 2 shows the header and two records"
is "$(rec-view --full a | sed -n 2p | grep -o '"data":\[[0-9,]*' | tr , '\n' | wc -l)" 192 "--full shows every value"
if command -v jq >/dev/null; then
	ok "all lines are JSON" jq -e . <(rec-view a)
elif command -v python3 >/dev/null; then
	json() { rec-view a | python3 -c 'import json, sys; [json.loads(l) for l in sys.stdin]'; }
	ok "all lines are JSON" json
fi
is "$(rec-view --stats a | head -n 1)" "field	name	count	mean	std	min	max" "--stats has a heading"
is "$(rec-view --stats ab | awk -F'\t' '$1 == "label" { n += $3 } END { print n }')" 9 "classes add up to the records"
like "$(rec-view --stats a)" "^size	height	5	8	0	8	8$" "sizes"
must_fail 1 "a truncated stream" rec-view short
done_testing
