#!/usr/bin/env bash
# A policy of two roles through all programs: two ordinary views and a smaller one that has their color.
. "${0%/*}/../lib.sh"

aug-sample --preset cifar --dump-policy >ordinary
{ cat ordinary; printf '%s\n' 'role = small count=1' 'size = 16' 'op = crop scale_min=.05 scale_max=.3' \
	'op = color' 'share = view:color'; } >two
ok "a policy of two roles" aug-sample --policy two --dump-policy
cp "$out" printed
ok "is read back" aug-sample --policy printed --dump-policy
is "$(cat "$out")" "$(cat printed)" "as it was written"
is "$(head -n "$(wc -l <ordinary)" printed | grep -v '^role')" "$(head -n -1 ordinary)" "the first role is the policy without the other"

img-synth -q --count 40 --epochs 2 --size 40 >images
samples() { aug-sample -q --policy "$1" --seed 3 <images; }
samples ordinary >one.rec && samples two >two.rec
rec() { rec-view --full "$1" | sed -n "${2:-2}p"; }
field() { grep -oE "\"$1\":(\[[^]]*\]|\{[^}]*\})" | head -n 1; }
like "$(rec two.rec 1)" '"roles":\[\["view",2,32\],\["small",1,16\]\]' "the header lists the roles"
is "$(rec one.rec 1 | grep -c roles)" 0 "of one ordinary role it says nothing"
is "$(rec two.rec 7 | field param)" "$(rec one.rec 7 | field param)" "the first role is drawn as without the other"
color() { rec two.rec "$1" | field "$2" | grep -oE '"color\.[a-z]*":[^,}]*' | head -n 6; }
is "$(color 9 param.1)" "$(color 9 param)" "the small view has the color of view 1"
is "$(color 9 param.1 | wc -l)" 6 "all of it"

for j in 1 3; do ok "views with -j $j" aug-apply -q -j $j <two.rec && cp "$out" two.$j; done
is "$(cksum <two.1)" "$(cksum <two.3)" "the same bytes"
aug-apply -q <one.rec >one.view
is "$(rec two.1 5 | field views)" "$(rec one.view 5 | field views)" "the views of the first role are those without the other"
like "$(rec two.1 5)" '"views.1":\{"dtype":"\|u1","shape":\[1,16,16,3\]' "and the small one is there"
ok "figures" rec-view --stats two.1
like "$(cat "$out")" "^param.1	crop.top	80	" "have the second role's columns"
ok "a sheet of samples" rec-view --sheet samples.png two.rec
ok "a sheet of views" rec-view --sheet views.png two.1
ok "joined" rec-cat two.1 two.3
must_fail 1 "with views of other roles" rec-cat two.1 one.view
like "$(cat "$err")" "the header's roles differ|the policy has" "they are not"
head -c "$(($(wc -c <two.1) - 5))" two.1 >short
must_fail 1 "a truncated stream" rec-view short

# Features of each role.
features() { feat-extract -q --pixels --size "$1" "${@:2}" <two.1; }
ok "features of the first role" features 32
cp "$out" first
one() { feat-extract -q --pixels --size 32 <one.view; }
ok "and without the other" one
is "$(rec-view first | tail -n +2 | head -n -1)" "$(rec-view "$out" | tail -n +2 | head -n -1)" "are the same records"
ok "of the second" features 16 --role small
like "$(rec "$out" 1)" 'role = small count=1.nsize = 16.*"roles":\[\["small",1,16\]\]' "the header has that role alone"
is "$(rec "$out" 5 | field feature | grep -o '"shape":[^]]*')" '"shape":[1,768' "of one view"
is "$(rec "$out" 5 | field param | grep -o '"crop.top":[^,]*')" "$(rec two.1 5 | field param.1 | grep -o '"crop.top":[^,]*')" \
	"and what was drawn for it"
must_fail 2 "of a role that is not there" features 16 --role large
is "$(cat "$err")" "feat-extract: --role: (stdin) has no views of the role 'large', but view, small" "it says what there is"
must_fail 2 "of images" feat-extract -q --pixels --role small <images

# Training looks at the role that the method compares.
train() { ssl-train -q --method simsiam --augself crop=1,color=1 --width .125 --batch 16 --epochs 2 --output "$2" <"$1"; }
ok "a training on two roles" train two.1 two.model
ok "and on the one" train one.view one.model
weights() { feat-extract -q --model "$1" <images | rec-view --full - | sed '1d; $d' | cksum; }
is "$(weights two.model)" "$(weights one.model)" "have the same features"
like "$(tr -d '\0' <two.model | head -c 4000)" "role = small count=1" "the model says what views there were"

# Neighbours.
share() { img-synth -q --count 5 --epochs 2 --size 40 | aug-sample -q --seed 3 "$@" | rec-view -; }
share --share 2:crop,color >shared
column() { sed -n "$1p" shared | grep -oE "\"$2\":[^,}]*" | paste -sd' '; }
is "$(column 2 crop.left)" "$(column 3 crop.left)" "neighbours have one crop in each view"
ok "others another" test "$(column 2 crop.left)" != "$(column 4 crop.left)"
is "$(column 2 color.hue)" "$(column 3 color.hue)" "and one color"
ok "the next epoch begins with a draw of its own" test "$(column 6 crop.left)" != "$(column 7 crop.left)"
like "$(head -n 1 shared)" 'share = 2:crop,color' "it is in the policy"
must_fail 2 "of an op that is not there" aug-sample --share 2:blur
like "$(cat "$err")" "^aug-sample: --share: the role 'view' has no op 'blur'" "is refused"
for o in "--views 3" "--size 8" "--share 2:crop" "--filter bicubic" "--resize 32" "--compat color-batch-order"; do
	# shellcheck disable=SC2086
	must_fail 2 "of two roles ${o% *}" aug-sample --policy two $o --dump-policy
	is "$(cat "$err")" "aug-sample: ${o% *}: two has 2 roles; write it into their lines there" "... is told where to say it"
done
must_fail 2 "a color shared by records and in a batch" aug-sample --share 2:color --compat color-batch-order --batch 4
printf '%s\n' 'role = view count=2' 'size = 32' 'op = crop' 'share = view:crop' >alike
samples alike | aug-apply -q >alike.view
must_fail 2 "a head for what all views share" train alike.view x.model
like "$(cat "$err")" "crop changes all views alike, .*: all views share its draw" "is refused"
bare() { ssl-train -q --width .125 --batch 16 --steps 1 --output x.model <alike.view; }
ok "views that share all draws" bare
like "$(cat "$err")" "the views of an image are all alike" "are told of"
is "$(aug-sample --policy two --eval --dump-policy | grep -c role)" 0 "--eval leaves one role of one view"
ok "three views" aug-sample --preset cifar --views 3 --dump-policy
like "$(cat "$out")" "^role = view count=3$" "are said"
done_testing
