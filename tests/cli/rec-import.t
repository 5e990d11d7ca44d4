#!/usr/bin/env bash
# rec-import: arrays and tables become streams, with the values that were in them; what rec-export wrote comes back with
# the same bytes in its records; what cannot be meant is refused.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"

# npy DESCR SHAPE [FORTRAN]: a .npy of version 1 with the bytes of standard input.
npy()
{
	local head="{'descr': '$1', 'fortran_order': ${3:-False}, 'shape': ($2), }"
	printf '\x93NUMPY\x01\x00%b\x00%s\n' "\\x$(printf %02x $((${#head} + 1)))" "$head"
	cat
}
# data KEY FILE: the numbers of that tensor, a line for each record; values KEY FILE: a key's value in each.
data() { rec-view --full "$2" | grep -o "\"$1\":{[^}]*" | sed 's/.*"data":\[\(.*\)]/\1/'; }
values() { rec-view "$2" | sed -n "s/.*\"$1\":\\([^,}]*\\).*/\\1/p" | paste -sd' '; }
import() { rec-import -q "$@" >stream; }
# records FILE: the bytes of its records, without header and trailer.
records()
{
	local at
	mapfile -t at < <(boundaries "$1")
	tail -c +$((at[1] + 1)) "$1" | head -c $((at[${#at[@]} - 2] - at[1]))
}

# Numbers of all widths and both orders: 1 and -2.
printf '\0\0\x80\x3f\0\0\0\xc0' | npy '<f4' '2, 1' >a.npy
printf '\x3f\x80\0\0\xc0\0\0\0' | npy '>f4' '2, 1' >b.npy
printf '\0\x3c\0\xc0' | npy '<f2' '2, 1' >c.npy
printf '\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0' | npy '>f8' '2, 1' >d.npy
printf '\1\xfe' | npy '|i1' '2, 1' >e.npy
printf '\0\1\xff\xfe' | npy '>i2' '2, 1' >f.npy
printf '\1\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff' | npy '<i8' '2, 1, 1, 1' >g.npy
for i in a b c d e f g; do
	ok "features of $(sed -n "s/.*descr': '\(...\).*/\1/p" $i.npy)" import $i.npy
	is "$(data feature stream | paste -sd' ')" "1 -2" "have these values"
done
is "$(rec-view stream | head -n 1 | grep -o '"records":2,"epochs":1')" '"records":2,"epochs":1' "the header says how many"
is "$(values seq stream) $(values id stream) $(values label stream)" "0 1 0 1 " "counted, without labels"
through() { rec-import -q /dev/stdin <a.npy >stream; }
ok "an array through a pipe" through
is "$(data feature stream | paste -sd' ')" "1 -2" "is read"
printf '\0\0\0\0\0\0\xf8\x7f' | npy '<f8' '1, 1' >nan.npy
ok "nan" import nan.npy
printf '\0\0\0\0\0\0\xf0\x7e' | npy '<f8' '1, 1' >far.npy
must_fail 1 "what float32 does not reach" import far.npy
like "$(cat "$err")" 'far.npy:record 0: .*beyond the range of float32' "says which row"

# Images: 2 of 1 x 2 pixels, whose bytes count.
count() { printf '\0\1\2\3\4\5\6\7\x8\x9\xa\xb'; }
count | npy '|u1' '2, 1, 2, 3' >last.npy
count | npy '|u1' '2, 3, 1, 2' >planes.npy
count | head -c 4 | npy '|u1' '2, 1, 2' >gray.npy
ok "images with their colours last" import last.npy
is "$(data image stream | paste -sd' ')" "0,1,2,3,4,5 6,7,8,9,10,11" "are as they were"
ok "images as planes" import planes.npy
is "$(data image stream | paste -sd' ')" "0,2,4,1,3,5 6,8,10,7,9,11" "are turned"
ok "gray images" import gray.npy
is "$(data image stream | paste -sd' ')" "0,0,0,1,1,1 2,2,2,3,3,3" "have three colours"
extracted() { feat-extract -q --pixels --size 2 <stream >features; }
ok "feat-extract reads them" extracted

# Labels, names, classes, further keys.
printf '7\n-1\n' >numbers
printf 'dog\ncat\n' >words
printf '\7\xff' | npy '|i1' '2,' >seven.npy
printf 'c\0\0\0a\0\0\0t\0\0\0d\0\0\0o\0\0\0g\0\0\0' | npy '<U3' '2,' >words.npy
ok "labels from a text" import a.npy --label numbers
is "$(rec-view stream | grep -c '"label":7')-$(rec-view stream | grep -c '"label"')" "1-1" "-1 is none"
ok "labels from an array" import a.npy --label seven.npy
is "$(values label stream)" 7 "the same"
ok "labels that are names" import a.npy --label words
is "$(values label stream) $(rec-view stream | grep -o '"classes":[^]]*')" '1 0 "classes":["cat","dog"' "are classes, in order"
ok "an array of names" import a.npy --label words.npy --name words.npy
is "$(values label stream) $(values name stream)" '0 1 "cat" "dog"' "the same, and names of images"
mkdir -p cat && printf 'P6\n1 1\n255\n123' >cat/cat && cp cat/cat cat/dog
img-read -q tree cat >same
is "$(values id stream)" "$(values id same)" "whose hashes are the ids"
printf 'ant\ncat\ndog\n' >classes
ok "classes that are given" import a.npy --label words --class-names classes
is "$(values label stream)" "2 1" "have their places"
printf 'ant\ncat\n' >few
must_fail 1 "a class that is none of them" import a.npy --label words --class-names few
printf '# by hand\nname\tlabel\tclass\tcolour\tnote\nx/1.png\t3\tring\t5\tnew\ny/2.png\t1\tdisc\t6\t\n' >rows.tsv
ok "a table of rows" import a.npy --rows rows.tsv
is "$(values name stream) $(values label stream) $(values colour stream) $(values note stream)" '"x/1.png" "y/2.png" 3 1 5 6 "new"' \
	"gives names, labels and keys"
is "$(rec-view stream | grep -o '"classes":[^]]*')" '"classes":["","disc","","ring"' "and classes"
printf 'label\n1\n2\n3\n' >three.tsv
must_fail 1 "three rows for two features" import a.npy --rows three.tsv
like "$(cat "$err")" 'label: 3 rows, where a.npy has 2' "says so"
printf 'label\n1\nx\n' >odd.tsv
ok "a label that is no number makes all of them names" import a.npy --rows odd.tsv
printf 'id\n1\nx\n' >odd.tsv
must_fail 1 "an id that is no number" import a.npy --rows odd.tsv
like "$(cat "$err")" "record 1: line 3: id: 'x'" "says the line"

# What rec-export wrote comes back: records of named images without further keys, features of views with their parameters.
printf 'a/1.png\na/\xc3\xa9\xff.png\nb/1.png\n' >names
printf 'a\na\nb\n' >labels
for i in a b z; do head -c 192 /dev/zero | tr '\0' $i; done | npy '|u1' '3, 8, 8, 3' >three.npy
rec-import -q three.npy --name names --label labels >images
views() { aug-sample -q --size 4 <images | aug-apply -q | feat-extract -q --pixels --size 4; }
views >drawn
feat-extract -q --pixels --size 4 <images >features
knnprobe -q --train features --test features --exclude-self --scores scores >table 2>"$scratch/log"
away() { rec-export -q "away.$2" <"$1" >rows && rec-import -q "away.$2" >back; }
same() { cmp <(records "$1") <(records back); }
if ! grep -q AS_LATE_archive "$BUILD/libraries.mk"; then
	skip ".npz" "built without libarchive"
else
	for kind in features drawn images scores; do
		ok "$kind: to .npz and back" away $kind npz
		ok "... the same bytes in all records" same $kind
	done
	line() { rec-view "$1" | head -n 1; }
	away drawn npz
	is "$(line back)" "$(line drawn | sed 's/]}}$/,"rec-import 0.2.0"]}}/')" "... and the header, with our line in the chain"
	twice() { rec-export -q one.npz <drawn >rows && TZ=Asia/Tokyo rec-export -q two.npz <drawn >rows && cmp one.npz two.npz; }
	ok "the same bytes in every .npz" twice
	[ -z "$(find . -name '*.part')" ]; result $? "and no other file is left"
	img-synth -q --count 6 --size 8 | feat-extract -q --pixels --size 2 >synth
	with() { rec-export -q --column colour --key feature key.npz <synth >rows && rec-import -q key.npz >back; }
	ok "a further key in a .npz" with
	is "$(values colour back) / $(cut -f9 rows | paste -sd' ')" \
		"$(values colour synth) / colour $(values colour synth)" "is a key again, and a column"
	colours() { knnprobe -q --train back --test back --exclude-self --label colour; }
	ok "... by which a probe scores" colours
	must_fail 1 "an array that is not there" import one.npz --key cat
	like "$(cat "$err")" "no array 'cat' in it, which has .*feature" "says which there are"
	head -c 3000 one.npz >cut.npz
	must_fail 1 "a .npz cut short" import cut.npz
	place=$(grep -abo feature.npy one.npz | head -n 1 | cut -d: -f1)
	{ head -c $((place + 300)) one.npz; printf '\x55'; tail -c +$((place + 302)) one.npz; } >bit.npz
	must_fail 1 "a .npz with another byte" import bit.npz
	like "$(cat "$err")" "bit.npz" "is seen by its sum"
	linked() { for p in "$BUILD"/bin/* "$BUILD"/*.so; do objdump -p "$p" | grep -E 'NEEDED +libarchive'; done; }
	is "$(linked)" "" "nothing is linked with libarchive"
	is "$(LD_DEBUG=files rec-import a.npy 2>&1 >/dev/null | grep -c libarchive)" 0 "nor does a .npy load it"
fi
for kind in features scores; do
	ok "$kind: to a table and back" away $kind tsv
	is "$(rec-view --full back | sed '1d;$d')" "$(rec-view --full $kind | sed '1d;$d' | sed 's/\\udcff/?/')" "... the same records"
done

# What is refused.
count | head -c 8 | npy '<f4' '2, 1' True >bad.npy
must_fail 1 "Fortran's order" import bad.npy
like "$(cat "$err")" 'numpy.ascontiguousarray' "says what to type"
count | head -c 8 | npy '|O' '2,' >bad.npy
must_fail 1 "objects" import bad.npy
count | npy '<f4' '1099511627776, 512' >bad.npy
must_fail 1 "more rows than bytes" import bad.npy
like "$(cat "$err")" 'bytes, its header says' "says both"
npy '<U0' '1099511627776,' </dev/null >bad.npy
must_fail 1 "labels of no bytes, as many as the header likes" import a.npy --label bad.npy
like "$(cat "$err")" 'bad.npy: an array of texts without any characters' "are refused before they are counted"
# A sanitizer takes more room than that for itself.
little() { case $BUILD in */asan | */tsan) ;; *) ulimit -v 1000000 ;; esac; }
huge() { count | npy '<f4' '4, 1099511627776' | (little; rec-import -q /dev/stdin); }
must_fail 1 "a row that is too long, through a pipe" huge
short() { count | npy '<f4' '1099511627776, 1' | (little; rec-import -q /dev/stdin) >short; }
must_fail 1 "rows that do not come, through a pipe" short
is "$(rec-view short 2>/dev/null | grep -c '^{"seq"')" 3 "after those that came"
head -c 12 /dev/zero | npy '<f4' '1, 1, 1, 3' >bad.npy
must_fail 1 "pixels that are floats" import bad.npy
like "$(cat "$err")" 'astype\("uint8"\)' "says what to type"
count | head -c 8 | npy '|u1' '1, 2, 1, 4' >bad.npy
must_fail 1 "pixels with alpha" import bad.npy
like "$(cat "$err")" 'drop alpha' "says what to type"
count >bad
must_fail 1 "bytes that are neither array nor table" import bad
printf 'a\tb\n1\t2\n' >bad.tsv
must_fail 1 "a table of something else" import bad.tsv
like "$(cat "$err")" 'without columns feature.0' "says what is missed"
must_fail 2 "--key of what is no .npz" import a.npy --key x
must_fail 1 "labels that are floats" import a.npy --label b.npy
like "$(cat "$err")" 'b.npy: >f4 \(2, 1\), where whole numbers are expected' "says what they are"
must_fail 1 "a file that is not there" import no.npy

# Without libarchive: the same program, in which the file is compiled as if it were not here.
case $BUILD in
*aarch64*) skip "without libarchive" "another machine's" ;;
*)
	ok "without libarchive it is built without a warning" bare rec-import stream/archive.c
	ok "what needs none is read" ./rec-import-bare a.npy
	printf 'PK\3\4 and more' >some.npz
	must_fail 1 "a .npz without libarchive" ./rec-import-bare some.npz
	like "$(cat "$err")" 'built with libarchive: install the package libarchive-dev and run make again$' "is told what to install"
	;;
esac

# What NumPy writes.
python=$(python_with numpy)
if [ -n "$python" ] && [ -e one.npz ]; then
	ok "NumPy writes" "$python" "$top/tests/python/arrays.py" write
	for i in savez savez_compressed; do
		ok "$i: is read" import $i.npz
		is "$(data feature stream | paste -sd' ') $(values label stream) $(values name stream)" '0,1,2 3,4,5 4 5 "a/é.png" "b"' \
			"with labels and names"
	done
	ok "several arrays, by their names" import two.npz --key test_x --label test_y
	is "$(data feature stream | paste -sd' ') $(values label stream)" "3,4,5 5" "the right one"
	must_fail 1 "several arrays, unnamed" import two.npz
	like "$(cat "$err")" '[-]-key NAME, one of train_x, test_x' "are listed"
	ok "numpy.load reads ours" "$python" "$top/tests/python/arrays.py" read drawn
else
	skip "what NumPy writes" "python3 with numpy, or libarchive, is not there"
fi
done_testing
