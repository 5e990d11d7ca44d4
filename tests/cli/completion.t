#!/usr/bin/env bash
# Completion of the three shells, as `make` made it from the option tables.
. "${0%/*}/../lib.sh"
made=$BUILD/completion
[ -d "$made" ] || skip_all "programs for another machine, whose tables were not asked"

# complete_as WORD...: what bash offers for the last of the words.
complete_as()
{
	bash -c '
		. "$0/bash/$1"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		words=$(complete -p "$1") && words=${words#*-F } && "${words%% *}" "$1" "${@: -1}" "${@: -2:1}"
		[ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' "$made" "$@"
}
offers() { is "$(complete_as "${@:2}" | sort | tr '\n' ' ')" "$1" "${*:2}: ${1:-nothing}"; }

for path in "$BUILD"/bin/*; do
	program=${path##*/}
	is "$(complete_as "$program" -- | sort)" "$("$program" --options | cut -f2 | sed 's/^/--/' | sort)" "$program: all its options"
	[ "$("$program" --options | wc -l)" -le "$(grep -c "^complete -c $program -l [a-z0-9-]* .*-d '[^']" "$made/fish/$program.fish")" ]
	result $? "$program: fish says what each does"
done

touch own.policy
offers "--method " ssl-train --me
offers "--split --split-from " img-read --sp
offers "simclr simsiam supervised swav " ssl-train --method s
offers "simclr simsiam supervised swav " ssl-train -m s
offers "simclr simsiam supervised swav " ssl-train --method = s
offers "imagenet imagenet100 " ssl-train --recipe i
offers "resnet18 resnet34 resnet50 " ssl-train --arch ""
offers "lars " ssl-train --optimizer l
offers "cifar imagenet " ssl-train --stem ""
offers "color crop " ssl-train --augself c
offers "cifar " aug-sample --preset c
offers "own.policy " aug-sample --policy o
offers "" aug-sample --seed ""
offers "cars cars-folders " img-synth --layout car
offers "cifar10 cifar100 cifar100-coarse " img-read cif
offers "off on " img-read --exif ""
offers "f4 u1 " aug-apply --dtype ""
offers "bytes normalised unit " model-export --input ""
offers "predictor projector " model-export --with p
is "$(complete_as img-read "" | grep -cxFf <(img-read --list | sed -n 's/^  \([a-z0-9-]*\): .*/\1/p'))" \
	"$(img-read --list | grep -c '^  [a-z]')" "img-read: every dataset"

# The same of the other two, asked at a line as it would be typed.
zsh_offers() { timeout 60 zsh -f "$top/tests/complete.zsh" "$made/zsh" "$1"; }
fish_offers()
{
	# shellcheck disable=SC2016
	HOME=$scratch fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$made/fish/${1%% *}.fish" "$1" |
		cut -f1 | sed 's/^--method=//' | sort
}
lines="ssl-train --me|--method
ssl-train --method s|simclr simsiam supervised swav
ssl-train -m s|simclr simsiam supervised swav
ssl-train --method=s|simclr simsiam supervised swav
ssl-train --recipe i|imagenet imagenet100
ssl-train --stem |cifar imagenet
ssl-train --batch |
img-synth --layout car|cars cars-folders
img-read cif|cifar10 cifar100 cifar100-coarse
img-read --exif |off on
aug-apply --dtype |f4 u1
aug-sample --policy o|own.policy"
for shell in zsh fish; do
	if ! command -v "$shell" >/dev/null; then
		skip "what is for $shell is read by it" "no $shell"
		continue
	fi
	for file in "$made/$shell"/*; do ok "${file##*/} is ${shell}'s" "$shell" -n "$file"; done
	while IFS='|' read -r line offered; do
		is "$(${shell}_offers "$line" | tr '\n' ' ' | sed 's/ $//')" "$offered" "$shell: $line: ${offered:-nothing}"
	done <<<"$lines"
done
done_testing
