#!/usr/bin/env bash
# Where readers find published sets, and what they make of lack of memory and a disk that fails, on replicas that img-synth
# writes. That they read what was written is in replica.t.
. "${0%/*}/../lib.sh"

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
	ok "$layout" img-synth -q --layout "$layout" --out "$layout"
	case $layout in
	caltech101 | plant-disease) split="all" ;;
	imagenet*) split="val" ;;
	*) split="test" ;;
	esac
	if ! img-read --names "$set" "$layout" --split "$split" >/dev/null 2>words && grep -qE 'matio|expat' words; then
		skip "$layout" "$(head -n 1 words)"
		continue
	fi
	[ ! -e "$BUILD/tests/fault.so" ] || stands "$layout" "$set" "$layout" "$split"
	# Its own folder and the one that holds it are one set; train and val make up trainval.
	case $layout in
	imagenet* | plant-disease | fc100 | voc) continue ;;
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
	*-folders | voc) continue ;;
	esac
	img-read --list | grep -q "^  $set:" || continue
	# fc100's archive is cifar100's: it lies in a folder of its own.
	if [ "$folder" = . ] || [ "$set" = fc100 ]; then cp -r "$layout" "all/$set"; else cp -r "$layout/$folder" "all/"; fi
	echo "$set $layout"
done <layouts >sets
while read -r set layout; do
	split=$([ "$set" != "${set#imagenet}" ] && echo val || echo test)
	img-read --names "$set" "$layout" --split "$split" >alone 2>words
	img-read --names "$set" all --split "$split" >among 2>words
	[ -s alone ] && cmp -s alone among; result $? "$set among all sets" || diag "$(cat words)"
done <sets

# How many images were published, which is said of these, as they have fewer.
while read -r set split published; do
	img-read --names "$set" all --split "$split" >/dev/null 2>words
	if grep -qE 'matio|expat' words; then
		skip "$set: $split" "$(head -n 1 words)"
	else
		is "$(sed -n 's/.*the published set has //p' words | tail -n 1)" "$published" \
			"$set: $split has $published images when it is whole"
	fi
done <<END
cifar10 trainval 50000
cifar10 test 10000
cifar100 trainval 50000
cifar100 test 10000
cifar100-coarse trainval 50000
fc100 test 12000
stl10 trainval 5000
stl10 test 8000
stl10 unlabeled 100000
stl10 train+unlabeled 105000
food101 trainval 75750
food101 test 25250
mit67 trainval 5360
mit67 test 1340
pets trainval 3680
pets test 3669
flowers102 train 1020
flowers102 val 1020
flowers102 trainval 2040
flowers102 test 6149
caltech101 all 8677
cars trainval 8144
cars test 8041
aircraft train 3334
aircraft val 3333
aircraft trainval 6667
aircraft test 3333
dtd train 1880
dtd val 1880
dtd trainval 3760
dtd test 1880
sun397 trainval 19850
sun397 test 19850
cub200 all 11788
cub200 trainval 5994
cub200 test 5794
dogs trainval 12000
dogs test 8580
imagenet train 1281167
imagenet val 50000
imagenet100 val 5000
END
done_testing
