#!/usr/bin/env bash
# schemas/augself.py: streams to Python and back with the same seal, damaged ones refused, views in batches, and
# the examples of augself-python(7). Needs python3 with numpy and msgpack.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"
page=$top/man/augself-python.7
with=$top/tests/python
export PYTHONPATH=$top/schemas PYTHONDONTWRITEBYTECODE=1

python=$(python_with "numpy, msgpack")
[ -n "$python" ] || skip_all "python3 with numpy and msgpack is not there"
for e in read write change features views; do
	block "$page" "$e.py" >"$scratch/$e.py"
	[ -s "$scratch/$e.py" ] || echo "not ok: no $e.py in the page"
done
make_inputs 2>"$scratch/log"
knnprobe -q --train "$scratch/feature" --test "$scratch/feature" --label colour --scores "$scratch/score" >table 2>"$scratch/log"
{ aug-sample --preset cifar --dump-policy; printf '%s\n' 'role = small count=1' 'size = 16' \
	'op = crop scale_min=.05 scale_max=.3'; } >two
two() { aug-sample -q --policy two <"$scratch/image" | aug-apply -q; }
two >"$scratch/roles"
{ printf 'P6\n2 2\n255\n'; head -c 12 /dev/zero; } >"$(printf 'odd\377.ppm')"
img-read -q files ./*.ppm >"$scratch/odd"

for kind in image sample view feature pair score roles odd; do
	ok "$kind: from our stream to Python and back" "$python" "$with/same.py" "$scratch/$kind" again
	ok "$kind: the same bytes" cmp "$scratch/$kind" again
done
ok "hashed by plain Python" "$python" "$with/same.py" "$scratch/view" again plain
ok "the same bytes" cmp "$scratch/view" again
cp "$top/tests/golden/stream-0.1.0.rec" old
ok "a stream of 0.1.0 is read" "$python" "$with/same.py" old again
is "$(rec-view again | sed 1d | grep -v '"trailer"')" "$(rec-view old | sed 1d | grep -v '"trailer"')" "its records are written"

for kind in image sample view feature score; do
	ok "$kind: cut anywhere, or a bit changed, it is refused" "$python" "$with/damage.py" "$scratch/$kind"
done
cp "$scratch/image" two && cat "$scratch/image" >>two
run "$python" -c 'import augself; list(augself.Reader("two"))'
like "$(cat "$err")" 'StreamError: two: record 6: more bytes after the trailer: join streams by rec-cat' "says where and what"
run "$python" -c 'import augself, sys; augself.Reader(sys.argv[1], "view")' "$scratch/image"
like "$(cat "$err")" "a stream of kind 'image', not 'view'" "a kind that is not wanted"

ok "what cannot be a record is refused; the hash; the limits of the pages" "$python" "$with/write.py" "$top"

ok "views one by one, in batches, in parts, by a command" "$python" "$with/views.py" "$scratch/view" "$scratch/roles"

img-synth -q --count 7 >s.img
ok "the example that reads" "$python" "$scratch/read.py"
is "$(tail -n 1 "$out")" "whole, seal $(rec-view s.img | sed -n 's/.*"xxh64":"\([0-9a-f]*\)".*/\1/p')" "ends with our seal"
ok "the example that writes" "$python" "$scratch/write.py"
is "$(rec-view noise.img | grep -c '"label":1')" 4 "what it wrote is read by us"
id=$("$python" -c 'import augself; print(augself.xxh64(b"noise/0"))')
like "$(rec-view -n 1 noise.img)" "\"id\":$id,.*\"name\":\"noise/0\"" "the id is the hash of the name"
img-synth -q --count 4 | aug-sample -q >samples
ok "the example that changes a parameter" "$python" "$scratch/change.py"
is "$(rec-view changed | grep -c '"param":\[{[^}]*"color.on":1[^}]*"color.hue":0.25,')" 4 "rec-view names it"
ok "... and aug-apply makes views of it" aug-apply -q <changed
ok "the example of features" "$python" "$scratch/features.py"
probe() { knnprobe -q --train other.feat --test other.feat --exclude-self | awk -F'\t' '$1 == "top1" { print $4, $5 }'; }
is "$(probe 2>/dev/null)" "40 2" "a probe reads them"
ok "the example of views" "$python" "$scratch/views.py"
is "$(cut -d' ' -f1-6 "$out" | sort | uniq -c | awk '{ print $1, $2, $3 }')" "2 0 (32,
2 1 (32," "gives two batches in each epoch"
for e in read write change features views; do
	is "$(wc -l <"$scratch/$e.py" | awk '{ print $1 <= 7 }')" 1 "$e.py is short"
done
block "$page" torch.py >"$scratch/loader.py"
if "$python" -c 'import torch' 2>"$scratch/log"; then
	ok "the example with torch" "$python" "$scratch/loader.py"
	is "$(grep -c '^(16, 2, 3, 32, 32)' "$out")" 4 "gives all batches, of two workers"
	ok "epochs, workers of all kinds, and a command that fails" "$python" "$with/loader.py"
else
	skip "the example with torch" "torch is not there"
fi
done_testing
