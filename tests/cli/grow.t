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
line()
{
	awk -v re="$2" -v line="$3" '!done && $0 ~ re { print line; done = 1 } { print }' "$1" >"$scratch/line" && cp "$scratch/line" "$1"
}
build() { make -s DEVELOPER="${DEVELOPER:-}" "$@" 2>&1; }
# changed: the files that differ, with lines added and taken away.
changed() { git add -A && git diff --cached --numstat | sed 's/\t/ /g' | sort -k 3; }
# undo: the tree as it was, for the next.
undo() { git reset -q --hard && git clean -qfd; }

# adds WHAT FILE DIR TABLE REGEX LINE: a file of tests/grow into DIR, a line before REGEX into TABLE; builds ${programs[@]}.
adds()
{
	cp "$top/tests/grow/$2" "$3"
	line "$4" "$5" "$6"
	ok "$1 is built" build "${programs[@]}"
	is "$(changed)" "$(printf '%s\n' "1 0 $4" "$(wc -l <"$3$2") 0 $3$2" | sort -k 3)" "of one file and one line"
}

# ---- probes: one that learns, one that asks for no label ----
programs=(build/release/bin/meanprobe)
adds "a probe" meanprobe.c tools/ tools/module.mk '^PROBES [+]= linprobe' 'PROBES += meanprobe'
meanprobe() { build/release/bin/meanprobe "$@"; }
img-synth -q -n 300 | feat-extract -q --pixels --size 4 >train.feat
img-synth -q -n 100 --split test | feat-extract -q --pixels --size 4 >test.feat
ok "it scores" meanprobe --train train.feat --test test.feat --label colour --scores mean.score
cp "$out" mean.tsv
knnprobe -q --train train.feat --test test.feat --label colour >knn.tsv
is "$(head -n 1 mean.tsv) $(awk -F'\t' 'NR == 2 { print $4, $9, $13 }' mean.tsv)" \
	"$(head -n 1 knn.tsv) $(awk -F'\t' 'NR == 2 { print $4, $9, $13 }' knn.tsv)" \
	"in the columns that all have, with chance and where all comes from"
like "$(rec-view mean.score | sed -n 2p)" '"metric":"top1".*"probe":"mean"' "and as a stream"
table()
{
	mkdir -p m && mv mean.tsv knn.tsv m && awk -f pipelines/table.awk -v labels=colour -v models=m \
		-v titles=pixels -v metrics="knn mean" m/*.tsv
}
ok "its scores in a pipeline's table" table
like "$(cat "$out")" '^ +kNN +mean$' "have a column"
must_fail 1 "features of another width are refused" meanprobe --train train.feat \
	--test <(img-synth -q -n 9 | feat-extract -q --pixels --size 3)
must_fail 2 "it needs --train" meanprobe --test test.feat
must_fail 1 "scores that cannot be written are refused" meanprobe --train train.feat --test test.feat --scores no/where
ok "the same set twice" meanprobe --train train.feat --test train.feat
like "$(cat "$err")" "300 of 300 rows are in train.feat too, .*: they are part of a mean$" "is said"
undo
programs=(build/release/bin/rankprobe)
adds "a probe without labels" rankprobe.c tools/ tools/module.mk '^PROBES [+]= linprobe' 'PROBES += rankprobe'
rank_of() { img-synth -q -n "$1" | feat-extract -q --pixels --size 1 | build/release/bin/rankprobe --scores rank.score; }
ok "one image's three channels" rank_of 1
is "$(awk -F'\t' 'NR == 2 { print $1, $2, $3, $4, $5, $6, $7, $9, $10 }' "$out")" "effective-rank 1  1 0  rank  " "spread in one direction"
is "$(rec-view rank.score | sed -n 2p | grep -oE '"(label|classes|interval|chance|unit)"')" "" "and what is not known is not in the record"
ok "those of many" rank_of 50
awk -F'\t' 'NR == 2 && $2 > 1.1 && $2 < 3 { found = 1 } END { exit !found }' "$out"; result $? "in up to three"
undo

# ---- a dataset: its images with boxes, by way of parts and a list, to features ----
programs=(build/release/bin/img-read)
adds "a dataset" placed.c lib/data/ lib/data/table.c '^\tX[(]folder[)]' "	X(placed)           \\\\"
read_it() { build/release/bin/img-read -q "$@"; }
like "$(read_it --list)" '^  placed: images with one box each$' "--list has it"
mkdir set && for i in 1 2 3 4 5 6; do
	printf 'P6 2 1 255\nabcde%d' $i >set/$i.ppm && echo "$i.ppm $((i % 2)) 0.5 $i 60 27"
done >set/train.txt
head -n 1 set/train.txt >set/test.txt
boxes() { read_it placed set "$@" | rec-view - | grep -oE '"name":"[^"]*"|"box":[^]]*]' | paste -sd' '; }
is "$(boxes --split test)" '"name":"1.ppm" "box":[0.5,1,60,27]' "its records have boxes"
is "$(for p in train val test; do boxes --part $p --ratio 1:1:1; done | wc -w)" 12 "its parts are whole"
is "$(boxes --split-from <(printf '4\n1\n'))" '"name":"5.ppm" "box":[0.5,5,60,27] "name":"2.ppm" "box":[0.5,2,60,27]' "a list picks from it"
is "$(read_it placed set -j 1 | cksum)" "$(read_it placed set -j 3 | cksum)" "on threads"
like "$(read_it placed set | feat-extract -q --pixels --size 2 | rec-view - | tail -n 2 | head -n 1)" '"box":\[0.5,6,60,27\]' \
	"and features have the boxes"
must_fail 2 "a split that is none" read_it placed set --split val
is "$(cat "$err")" "img-read: split 'val': placed has train test" "is told what there is"
echo nonsense >>set/train.txt
must_fail 1 "a line that is none" read_it placed set
is "$(cat "$err")" "img-read: set/train.txt:7: not FILE LABEL Y X HEIGHT WIDTH" "is named"
undo

# ---- networks, optimizers, methods: views to train on ----
img-synth -q -n 96 --size 20 --epochs 2 | aug-sample -q | aug-apply -q >"$scratch/views"
img-synth -q -n 9 --size 20 >"$scratch/images"
programs=(build/release/bin/ssl-train build/release/bin/feat-extract)
train() { build/release/bin/ssl-train -q --width .125 --batch 32 --head-hidden 16 --log-every 1 "$@" <"$scratch/views"; }
listed() { build/release/bin/ssl-train --list; }
steps() { grep -v '^#' "$1"; }
# trains NAME COMMAND...: on one thread to NAME.model and NAME.log, and on three to the same bytes.
trains()
{
	ok "it trains" "${@:2}" -j 1 -o "$1.model" -l "$1.log"
	ok "... and on threads" "${@:2}" -j 3 -o again.model
	ok "... to the same bytes" cmp "$1.model" again.model
}
# No loop over floats: what a device does is in its table.
loops() { awk -f tests/floats.awk lib/nn/*.h lib/ssl/*.h "$1"; }

# ---- an operation, and an architecture that has it ----
adds "an operation" op_sum.c lib/nn/ lib/nn/op.c '^\tX[(]avgpool[)]' "	X(sum)      \\\\"
git commit -qam operation
adds "an architecture" arch_conv4.c lib/nn/ lib/nn/arch.c '^\tX[(]resnet34[)]' "	X(conv4)    \\\\"
is "$(loops lib/nn/op_sum.c)$(loops lib/nn/arch_conv4.c)" "" "neither with a loop over floats"
like "$(listed)" '^  conv4: stems cifar$' "--list has it"
conv4() { train --arch conv4 --augself crop=1 "$@"; }
ok "it is planned" build/release/bin/ssl-train --plan --arch conv4
is "$(grep -c ' sum  ' "$out")" 3 "... with the operation"
trains conv4 conv4
is "$(steps conv4.log | awk 'NR > 1 && $3 == $3 + 0' | wc -l)" 6 "... every loss a number"
like "$(build/release/bin/feat-extract -q --model conv4.model <"$scratch/images" | rec-view - | tail -n 2 | head -n 1)" '"shape":\[1,8\]' \
	"features are read with it"
must_fail 2 "heads at one of its stages" conv4 --augself-from 1 -o x.model
is "$(cat "$err")" "ssl-train: augself-from: 1, but conv4 has no stages: only 0, its output, can feed heads" "... of which it has none"
undo && git reset -q --hard HEAD~1

# ---- an optimizer ----
adds "an optimizer" optim_sgdw.c lib/nn/ lib/nn/optim.c '^\tX[(]lars[)]' "	X(sgdw)       \\\\"
is "$(loops lib/nn/optim_sgdw.c)" "" "... without a loop over floats"
like "$(listed)" '^  sgdw: SGD with weight decay apart' "--list has it"
by() { train --optimizer "$1" --wd "$2" --state "$1.$2.state" -o "$1.$2" -l "$1.$2.log"; }
for o in sgd sgdw; do
	for wd in 0 .5; do ok "training by $o with decay $wd" by $o $wd; done
done
is "$(steps sgdw.0.log)" "$(steps sgd.0.log)" "without decay it is SGD"
[ "$(steps sgdw..5.log | tail -n 1)" != "$(steps sgd..5.log | tail -n 1)" ]; result $? "with it something else"
ok "its state has velocities" grep -aq '"velocity.conv1.weight"' sgdw..5.state
must_fail 2 "a trust coefficient" train --optimizer sgdw --trust .1 -o x.model
is "$(cat "$err")" "ssl-train: trust: sgdw has no use for it: say --optimizer lars, or --trust 0" "is none of its own"
undo

# ---- a method ----
adds "a method" align.c lib/ssl/ lib/ssl/method.c '^\tX[(]moco[)]' "	X(align)   \\\\"
is "$(loops lib/ssl/align.c)" "" "... without a loop over floats"
like "$(listed)" '^  align: negative cosine' "--list has it"
like "$(listed)" '^    set      out=128  ' "... with its settings"
align() { train --method align --set out=16 --augself crop=1,color=.5 "$@"; }
trains align align
is "$(steps align.log | head -n 1 | cut -f 3-6 | tr '\t' ' ')" "loss align crop color" "... with its part in the log"
like "$(build/release/bin/feat-extract -q --layer projector --model align.model <"$scratch/images" |
	rec-view - | tail -n 2 | head -n 1)" '"shape":\[1,16\]' \
	"its projections are features"
must_fail 2 "a setting that it has not" align --set hidden=3 -o x.model
undo

# ---- a method of views of two kinds ----
adds "a method with a second role" zoom.c lib/ssl/ lib/ssl/method.c '^\tX[(]swav[)]' "	X(zoom)    \\\\"
{ aug-sample --dump-policy && printf '%s\n' 'role = small count=1' 'size = 16' 'op = crop scale_max=.3' 'op = color' \
	'share = view:color'; } >two
# zoom STATE OPTION...: on the views behind those that a state has seen; a state that is not there has seen none.
zoom()
{
	img-synth -q -n 64 --size 20 --after "$1" | aug-sample -q --policy two | aug-apply -q |
		build/release/bin/ssl-train -q --method zoom --width .125 --batch 32 --head-hidden 16 --augself crop=1 "${@:2}"
}
ok "it is planned without views" build/release/bin/ssl-train --plan --method zoom --augself crop=1
trains zoom zoom none --log-every 1
is "$(steps zoom.log | awk 'NR > 1 && $4 == $4 + 0 && $4 >= -1.51 && $4 <= 1.51' | wc -l)" 2 "... its losses are sums of cosines"
ok "it stops after a step" zoom z.state --state z.state --steps 1
ok "... and goes on" zoom z.state --state z.state -o late.model
ok "... to the same bytes" cmp zoom.model late.model
must_fail 2 "views of one kind" train --method zoom -o x.model
like "$(cat "$err")" "it learns from views of the role 'small', but these have view" "... are not enough"
undo
done_testing
