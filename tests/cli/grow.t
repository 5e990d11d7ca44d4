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
done_testing
