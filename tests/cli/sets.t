#!/usr/bin/env bash
# Published sets in their layouts: the genuine lists, the samples of real images, and small layouts of our own.
# What is expected is computed from the lists by awk.
. "${0%/*}/../lib.sh"
data=${AUGSELF_DATA:-$top/../shared/data}

# told SET DIR [OPTIONS]: the name and the label of each image that is written, a line each.
told()
{
	img-read -q "$@" 2>"$scratch/words" | rec-view - |
		sed -nE 's/^.*"seq":.*"label":(-?[0-9]+),"name":"([^"]*)".*$/\2 \1/p'
}
count() { told "$@" | wc -l; }
words() { img-read "$@" 2>&1 >/dev/null | grep -v sealed | cut -d: -f2-; }
classes() { img-read -q "$@" 2>/dev/null | rec-view - | sed -nE '1s/^.*"classes":\[([^]]*)\].*$/\1/p' | tr -d '"'; }
# paint FOLDER: an image of one pixel for each name on standard input.
paint()
{
	sed "s|^|$1/|" | sed -E 's|/[^/]*$||' | sort -u | tr '\n' '\0' | xargs -0 mkdir -p
	awk -v folder="$1" '{ file = folder "/" $0; printf "P6 1 1 255\nabc" >file; close(file) }' "$scratch/names"
}
# images FOLDER < NAMES
images() { cat >"$scratch/names" && paint "$1" <"$scratch/names"; }

# Food-101: classes.txt is not sorted; labels are its lines.
mkdir -p own/food-101/meta
printf 'cake\ncheesecake\ncheese_plate\n' >own/food-101/meta/classes.txt
printf 'cheese_plate/7\ncheese_plate/3\n%s' "$(printf 'cake/%d\n' 5 6 1 2 3)" >own/food-101/meta/train.txt
printf 'path\ncheesecake/9\n' >own/food-101/meta/test.txt
sed 1d own/food-101/meta/test.txt | cat - own/food-101/meta/train.txt | sed 's/$/.jpg/' | images own/food-101/images
is "$(told food101 own --split trainval | paste -sd' ')" \
	"cake/5.jpg 0 cake/6.jpg 0 cake/1.jpg 0 cake/2.jpg 0 cake/3.jpg 0 cheese_plate/7.jpg 2 cheese_plate/3.jpg 2" \
	"food101: classes in the order of classes.txt, images in that of the list"
is "$(told food101 own/food-101 --split test) $(classes food101 own)" "cheesecake/9.jpg 1 cake,cheesecake,cheese_plate" \
	"its own folder; a list with a title"
is "$( (told food101 own; told food101 own --split val) | sort)" "$(told food101 own --split trainval | sort)" "train and val are all"
is "$(words food101 own --split trainval)" " own: 7 images to train, the published set has 75750" "a count that differs is said"
must_fail 1 "nothing of it" img-read food101 own/food-101/meta
is "$(cut -d' ' -f2- "$err")" "own/food-101/meta: no meta/classes.txt there or in food-101 or food101; found classes.txt, test.txt, \
train.txt; to fetch: food-101.tar.gz from https://data.vision.ee.ethz.ch/cvl/food-101.tar.gz" "is told: looked for, found, to fetch"
must_fail 2 "a list of classes for what has its own" img-read food101 own --classes own/food-101/meta/classes.txt

# DTD: ten divisions.
mkdir -p own/dtd/labels
printf 'b/1.jpg\n' | tee own/dtd/labels/train1.txt >own/dtd/labels/test10.txt
printf 'a/1.jpg\n' | tee own/dtd/labels/val1.txt >own/dtd/labels/train10.txt
printf 'c/1.jpg\r\nb/2.jpg' | tee own/dtd/labels/test1.txt >own/dtd/labels/val10.txt
awk 1 own/dtd/labels/{train,val,test}1.txt | tr -d "\r" | images own/dtd/images
is "$(for s in train val test trainval train10 trainval10; do told dtd own --split $s | paste -sd,; done | paste -sd' ')" \
	"b/1.jpg 1 a/1.jpg 0 c/1.jpg 2,b/2.jpg 1 b/1.jpg 1,a/1.jpg 0 a/1.jpg 0 a/1.jpg 0,c/1.jpg 2,b/2.jpg 1" \
	"dtd: the divisions, and labels that all their lists agree on"
must_fail 2 "an eleventh" img-read dtd own --split train11
must_fail 2 "and one with a 0" img-read dtd own --split train02

# ---- the genuine lists ----
if [ -e "$data/lists.tar.xz" ]; then
	tar -xf "$data/lists.tar.xz" && tar -xf "$data/native-samples.tar"

	mkdir -p food-101/meta && cp lists/food101_classes.txt food-101/meta/classes.txt
	for s in train test; do cp lists/food101_$s.txt food-101/meta/$s.txt; done
fi
done_testing
