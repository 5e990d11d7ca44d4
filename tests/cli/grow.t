#!/usr/bin/env bash
# What CONTRIBUTING promises: a new thing is one file and one line. Each is added to a copy of the
# tree, which is built and used with it; git says what else has changed: nothing.
. "${0%/*}/../lib.sh"
[ "$BUILD" = "$top/build/release" ] || skip_all "of the release alone"
command -v git >/dev/null || skip_all "git says what has changed, and it is not there"

# The copy, with what has been compiled.
mkdir tree && cd tree || exit 1
(cd "$top" && find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 | tar -c --null -T -) | tar -x
mkdir -p build/release
cp -a "$BUILD"/{lib,tools,bin,flags,libraries.mk,libaugself.a} build/release/
git() { command git -c user.name=t -c user.email=t@t -c core.hooksPath=/dev/null "$@"; }
printf '/build/\n' >.gitignore
{ git init -q . && git add -A && git commit -qm tree; } >/dev/null 2>&1

# line FILE REGEX LINE: LINE before the first line that matches.
line() { awk -v re="$2" -v line="$3" '!done && $0 ~ re { print line; done = 1 } { print }' "$1" >"$scratch/line" && cp "$scratch/line" "$1"; }
build() { make -s DEVELOPER="${DEVELOPER:-}" "$@" 2>&1; }
# changed: the files that differ, with lines added and taken away.
changed() { git add -A && git diff --cached --numstat | sed 's/\t/ /g' | sort -k 3; }
# undo: the tree as it was, for the next.
undo() { git reset -q --hard && git clean -qfd; }

# ---- probes: one that learns, one that asks for no label ----
cp "$top/tests/grow/meanprobe.c" tools/
line tools/module.mk '^PROBES [+]= linprobe' 'PROBES += meanprobe'
ok "a probe is built" build build/release/bin/meanprobe
is "$(changed)" "$(wc -l <tools/meanprobe.c) 0 tools/meanprobe.c
1 0 tools/module.mk" "of one file and one line"
meanprobe() { build/release/bin/meanprobe "$@"; }
img-synth -q -n 300 | feat-extract -q --pixels --size 4 >train.feat
img-synth -q -n 100 --split test | feat-extract -q --pixels --size 4 >test.feat
ok "it scores" meanprobe --train train.feat --test test.feat --label colour --scores mean.score
cp "$out" mean.tsv
knnprobe -q --train train.feat --test test.feat --label colour >knn.tsv
is "$(head -n 1 mean.tsv) $(awk -F'\t' 'NR == 2 { print $4, $9, $13 }' mean.tsv)" "$(head -n 1 knn.tsv) $(awk -F'\t' 'NR == 2 { print $4, $9, $13 }' knn.tsv)" \
	"in the columns that all have, with chance and where all comes from"
like "$(rec-view mean.score | sed -n 2p)" '"metric":"top1".*"probe":"mean"' "and as a stream"
table() { mkdir -p m && mv mean.tsv knn.tsv m && awk -f pipelines/table.awk -v labels=colour -v models=m -v titles=pixels -v metrics="knn mean" m/*.tsv; }
ok "its scores in a pipeline's table" table
like "$(cat "$out")" '^ +kNN +mean$' "have a column"
must_fail 1 "features of another width are refused" meanprobe --train train.feat --test <(img-synth -q -n 9 | feat-extract -q --pixels --size 3)
must_fail 2 "it needs --train" meanprobe --test test.feat
must_fail 1 "scores that cannot be written are refused" meanprobe --train train.feat --test test.feat --scores no/where
ok "the same set twice" meanprobe --train train.feat --test train.feat
like "$(cat "$err")" "300 of 300 rows are in train.feat too, .*: they are part of a mean$" "is said"
undo
cp "$top/tests/grow/rankprobe.c" tools/
line tools/module.mk '^PROBES [+]= linprobe' 'PROBES += rankprobe'
ok "a probe without labels is built" build build/release/bin/rankprobe
is "$(changed)" "1 0 tools/module.mk
$(wc -l <tools/rankprobe.c) 0 tools/rankprobe.c" "of one file and one line"
rank_of() { img-synth -q -n "$1" | feat-extract -q --pixels --size 1 | build/release/bin/rankprobe --scores rank.score; }
ok "one image's three channels" rank_of 1
is "$(awk -F'\t' 'NR == 2 { print $1, $2, $3, $4, $5, $6, $7, $9, $10 }' "$out")" "effective-rank 1  1 0  rank  " "spread in one direction"
is "$(rec-view rank.score | sed -n 2p | grep -oE '"(label|classes|interval|chance|unit)"')" "" "and what is not known is not in the record"
ok "those of many" rank_of 50
awk -F'\t' 'NR == 2 && $2 > 1.1 && $2 < 3 { found = 1 } END { exit !found }' "$out"; result $? "in up to three"
undo

# ---- a dataset: its images with boxes, by way of parts and a list, to features ----
cp "$top/tests/grow/boxes.c" lib/data/
line lib/data/table.c '^\tX\(folder\)' "	X(boxes)            \\\\"
ok "a dataset is built" build build/release/bin/img-read
is "$(changed)" "$(wc -l <lib/data/boxes.c) 0 lib/data/boxes.c
1 0 lib/data/table.c" "of one file and one line"
read_it() { build/release/bin/img-read -q "$@"; }
like "$(read_it --list)" '^  boxes: images with one box each$' "--list has it"
mkdir set && for i in 1 2 3 4 5 6; do printf 'P6 2 1 255\nabcde%d' $i >set/$i.ppm && echo "$i.ppm $((i % 2)) 0.5 $i 60 27"; done >set/train.txt
head -n 1 set/train.txt >set/test.txt
boxes() { read_it boxes set "$@" | rec-view - | grep -oE '"name":"[^"]*"|"box":[^]]*]' | paste -sd' '; }
is "$(boxes --split test)" '"name":"1.ppm" "box":[0.5,1,60,27]' "its records have boxes"
is "$(for p in train val test; do boxes --part $p --ratio 1:1:1; done | wc -w)" 12 "its parts are whole"
is "$(boxes --split-from <(printf '4\n1\n'))" '"name":"5.ppm" "box":[0.5,5,60,27] "name":"2.ppm" "box":[0.5,2,60,27]' "a list picks from it"
is "$(read_it boxes set -j 1 | cksum)" "$(read_it boxes set -j 3 | cksum)" "on threads"
like "$(read_it boxes set | feat-extract -q --pixels --size 2 | rec-view - | tail -n 2 | head -n 1)" '"box":\[0.5,6,60,27\]' \
	"and features have the boxes"
must_fail 2 "a split that is none" read_it boxes set --split val
is "$(cat "$err")" "img-read: split 'val': boxes has train test" "is told what there is"
echo nonsense >>set/train.txt
must_fail 1 "a line that is none" read_it boxes set
is "$(cat "$err")" "img-read: set/train.txt:7: not FILE LABEL Y X HEIGHT WIDTH" "is named"
undo
done_testing
