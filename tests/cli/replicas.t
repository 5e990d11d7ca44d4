#!/usr/bin/env bash
# Readers of published sets against replicas of them, which img-synth writes from the sets' description alone:
# names, labels, classes and order are the facts that it tells. What a set has too few of here is a message.
. "${0%/*}/../lib.sh"

# facts LAYOUT SPLIT: name, label and class of each image, as img-synth tells them, without the folder of all images.
facts()
{
	awk -F'\t' -v split_name="$2" 'NR > 1 && (split_name == "-" || $1 ~ "^(" split_name ")$") { print $2 " " $3 " " $4 }' "$1.tsv" |
		sed -E 's,^(data/images|images|Images)/,,'
}
# found DATASET PATH SPLIT: the same as img-read reads it, pixels and all; an image without a name has its id.
found()
{
	img-read -q "$1" "$2" --split "$3" 2>words | rec-view - | gawk '
		NR == 1 && match($0, /"classes":\[[^\]]*/) {
			n = split(substr($0, RSTART + 11, RLENGTH - 11), class, "\"(,|$)")
			for (i = 1; i <= n; i++) sub(/^"/, "", class[i])
		}
		/"seq":/ {
			if (match($0, /"name":"[^"]*/)) name = substr($0, RSTART + 8, RLENGTH - 8)
			else if (match($0, /"id":[0-9]*/)) name = substr($0, RSTART + 5, RLENGTH - 5)
			label = match($0, /"label":[0-9]*/) ? substr($0, RSTART + 8, RLENGTH - 8) : -1
			print name " " label " " class[label + 1]
		}'
}
# alike LAYOUT DATASET PATH FACTS-SPLIT SPLIT [FILTER...]: one and the other, in order; FILTER is applied to both.
alike()
{
	facts "$1" "$4" | "${@:6}" >want
	found "$2" "$3" "$5" | "${@:6}" >got
	[ -s want ] && cmp -s want got
	result $? "$1: $5, $(wc -l <want) images" || diag "$(diff want got | head -n 6)" "$(cat words)"
}

# faulty SET PATH SPLIT CALL N: the n-th call fails.
faulty()
{
	rm -f fired
	LD_PRELOAD=$BUILD/tests/fault.so AS_FAULT=$4:$5 AS_FAULT_FIRED=$PWD/fired img-read --names "$1" "$2" --split "$3"
}
# stands LAYOUT SET PATH SPLIT: with no memory, or a disk that fails, it ends with 1 and a message, or gives the same.
stands()
{
	local call n wrong=
	img-read --names "$2" "$3" --split "$4" >good 2>words
	for call in malloc:{1..20} malloc:{22..40..3} read:{1..4}; do
		n=${call#*:}
		run faulty "$2" "$3" "$4" "${call%:*}" "$n"
		[ -e fired ] || continue
		if [ $status = 0 ]; then
			cmp -s "$out" good || wrong+="$call: 0, but other names; "
		elif [ $status != 1 ] || ! grep -q '^img-read: .' "$err"; then
			wrong+="$call: $status, $(head -n 1 "$err"); "
		fi
	done
	is "$wrong" "" "$1: $4, with faults"
}

img-synth --list >layouts
while read -r layout set folder _; do
	ok "$layout" img-synth -q --layout "$layout" --out "$layout" --facts "$layout.tsv"
	case $layout in
	cifar10 | cifar100 | stl10 | food101 | mit67* | sun397) splits="train:trainval test:test" ;;
	pets) splits="trainval:trainval test:test" ;;
	caltech101) splits="all:all" ;;
	fc100) splits="-:test" ;;
	aircraft) splits="train:train val:val train|val:trainval test:test" ;;
	dtd) splits="train:train val:val test:test" ;;
	imagenet | imagenet100) splits="train:train val:val" ;;
	plant-disease) splits="train:train valid:test -:all" ;;
	*) continue ;;
	esac
	for s in $splits; do
		case $layout:$s in
		mit67:*) filter="sort" ;; # the lists are shuffled; they are read in the order of the folders
		mit67-folders:*) filter="sed s,^train/,,;s,^test/,," ;; # the split is no part of the name
		*) filter="cat" ;;
		esac
		# shellcheck disable=SC2086
		alike "$layout" "$set" "$layout/$folder" "${s%:*}" "${s#*:}" $filter
	done
	[ ! -e "$BUILD/tests/fault.so" ] || stands "$layout" "$set" "$layout" "${s#*:}"
	[ "$layout" != stl10 ] || alike stl10 stl10 stl10 unlabeled unlabeled cat
	# Its own folder and the one that holds it are one set; train and val make up trainval.
	case $layout in
	imagenet* | plant-disease | fc100) continue ;;
	esac
	for s in train val test trainval; do
		img-read --names "$set" "$layout" --split $s >"names.$s" 2>words
		[ -s "names.$s" ]; result $? "$layout: $s has images" || diag "$(cat words)"
	done
	is "$(img-read --names "$set" "$layout/$folder" --split test 2>/dev/null | cksum)" "$(cksum <names.test)" \
		"$layout: the folder above"
	is "$(sort names.train names.val | cksum)" "$(sort names.trainval | cksum)" "$layout: train and val are trainval"
done <layouts

# All sets in one folder, under the names of their archives or their own: each is found, and is itself.
mkdir all all/train && touch all/train.txt
while read -r layout set folder _; do
	case $layout in
	*-folders | voc | fc100) continue ;; # fc100 is read from cifar100's folder
	esac
	img-read --list | grep -q "^  $set:" || continue
	if [ "$folder" = . ]; then cp -r "$layout" "all/$set"; else cp -r "$layout/$folder" "all/"; fi
	echo "$set $layout"
done <layouts >sets
while read -r set layout; do
	split=$([ "$set" != "${set#imagenet}" ] && echo val || echo test)
	img-read --names "$set" "$layout" --split "$split" >alone 2>words
	img-read --names "$set" all --split "$split" >among 2>words
	[ -s alone ] && cmp -s alone among; result $? "$set among all sets" || diag "$(cat words)"
done <sets
done_testing
