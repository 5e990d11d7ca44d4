#!/usr/bin/env bash
# An unknown name is told what is near. Every name of every table with its first letter doubled, which is one
# letter from that name and further from any other, suggests the name.
. "${0%/*}/../lib.sh"

slip() { echo "${1:0:1}$1"; }
# near WHAT NAME COMMAND...: fails with $misuse, and its only line ends by suggesting the name.
wrong="" misuse=2
near()
{
	run "${@:3}"
	[ $status = "$misuse" ] && [ "$(wc -l <"$err")" = 1 ] && grep -qF -- "; did you mean '$2'?" "$err" ||
		wrong+="$1 $2: exit $status: $(head -c 300 "$err")"$'\n'
}
# told COUNT WHAT: none of the names tried since was wrong, and there were at least so many.
count=0
told()
{
	is "$wrong" "" "$2: $count names"
	[ "$count" -ge "$1" ]; result $? "... which are all"
	wrong="" count=0
}
# each WHAT NAMES COMMAND...: the command with the slip of each name in place of its @.
each()
{
	local what=$1 names=$2 name
	shift 2
	for name in $names; do
		count=$((count + 1))
		near "$what" "${mark-}$name" "${@/@/$(slip "$name")}"
	done
}
# The names of one paragraph of a --list, and words after a mark in it.
names_of() { awk -v head="$2" '/^[a-z]/ { on = $1 == head } on && /^  [a-z]/ { sub(/:.*/, "", $1); print $1 }' "$1"; }
of_method() { awk -v m="$1:" -v mark="$2" '/^  [a-z]/ { on = $1 == m } on && $1 == mark { sub(/=.*/, "", $2); print $2 }' train; }
views() { img-synth --count 8 --size 16 | aug-sample --policy all.policy | aug-apply; }

img-read --list >sets
aug-sample --list >augs
ssl-train --list >train
aug-sample --preset cifar+solarize+blur+rotation --size 24 --dump-policy >all.policy
ok "views with everything drawn" views
cp "$out" v.rec
policy() { echo "size = 8"$'\n'"$1" >one.policy; aug-sample --policy one.policy; }
config() { echo "$1" >one.config; trainer --config one.config; }
extract() { feat-extract --pixels --size 8 "$@" <v.rec; }
trainer() { ssl-train --batch 4 --epochs 1 --width .0625 -o x.model "$@" <v.rec; }

for path in "$BUILD"/bin/*; do
	program=${path##*/}
	mark=-- each "$program" "$("$program" --options | cut -f2)" "$program" --@
done
told 150 "options"
run img-read --limt=3 cifar10 .
is "$(cat "$err")" "img-read: unknown option '--limt'; did you mean '--limit'?" "a value is not the option's name"
run img-read --colour
is "$(cat "$err")" "img-read: unknown option '--colour'; see img-read --help" "what nothing is near is told of --help"
run ssl-train --lr 1
is "$(cat "$err")" "ssl-train: unknown option '--lr'; did you mean '--base-lr'?" "the end of a name suggests it"
run ssl-train --batch-size=8
is "$(cat "$err")" "ssl-train: unknown option '--batch-size'; did you mean '--batch'?" "... and what goes on from one"

each dataset "$(names_of sets datasets)" img-read @ .
told 24 "datasets"
each split "train val trainval test unlabeled train+unlabeled" img-read --split @ stl10 .
each part "train val" img-read --part @ --ratio 8:1:1 cifar10 .
told 8 "splits and parts"
each layout "$(img-synth --list | cut -d' ' -f1)" img-synth --layout @ -o x
told 20 "layouts"

each preset "$(names_of augs presets)" aug-sample --preset @
each strength "weak default strong" aug-sample --preset cifar:@
each extra "$(names_of augs augmentations | grep -vxE 'crop|eval')" aug-sample --preset cifar+@
told 13 "presets, strengths and what + adds"
misuse=1 # what is wrong in a file is no misuse
for op in $(names_of augs augmentations); do
	each "setting of $op" "$(awk -v op="$op:" '/^  [a-z]/ { on = $1 == op } on && $1 == "set" { sub(/=.*/, "", $2); print $2 }' augs)" \
		policy "op = $op @=1"
done
told 15 "settings of augmentations"
each augmentation "$(names_of augs augmentations)" policy "op = @"
told 8 "augmentations"
misuse=2
each "compat of aug-sample" color-batch-order aug-sample --policy all.policy --batch 4 --compat @
each role view extract --role @

each method "$(names_of train methods)" trainer --method @
each recipe "$(names_of train recipes)" trainer --recipe @
each head "$(names_of train heads)" trainer --augself @=1
each arch "$(names_of train backbones)" trainer --arch @
each stem "cifar imagenet" trainer --stem @
each optimizer "$(names_of train optimizers)" trainer --optimizer @
told 25 "of ssl-train"
for method in $(names_of train methods); do
	each "setting of $method" "$(of_method "$method" set)" trainer --method "$method" --set @=1
	each "compat of $method" "$(of_method "$method" compat)" trainer --method "$method" --compat @
done
told 20 "settings and words of methods"
ok "the recipe's values" ssl-train --dump-config
misuse=1
each "value" "$(sed 's/ *=.*//; /^#/d' "$out")" config "@ = 1"
told 20 "values of a recipe"
done_testing
