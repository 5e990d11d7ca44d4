#!/usr/bin/env bash
# Published sets in their layouts: the genuine lists, the samples of real images, and small layouts of our own.
# What is expected is computed from the lists by awk.
. "${0%/*}/../lib.sh"
data=${AUGSELF_DATA:-$top/../shared/data}

# told SET DIR [OPTIONS]: the name and the label of each image, a line each.
told() { img-read --names "$@" 2>"$scratch/words"; }
count() { told "$@" | wc -l; }
# loaded SET DIR [OPTIONS]: how many of them are read.
loaded() { img-read -q "$@" 2>"$scratch/words" | rec-view - | grep -c '"seq"'; }
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
is "$(loaded food101 own --split trainval)" 7 "which are read"
is "$(told food101 own/food-101 --split test) $(classes food101 own)" "cheesecake/9.jpg 1 cake,cheesecake,cheese_plate" \
	"its own folder; a list with a title"
is "$( (told food101 own; told food101 own --split val) | sort)" "$(told food101 own --split trainval | sort)" "train and val are all"
told food101 own --split val | sed 's/ [^ ]*$//' >names
is "$(told food101 own --split-from names)" "$(told food101 own --split val)" "--names without labels are a list for --split-from"
is "$(count food101 own --split val)" 1 "val has one at least"
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

# MIT Indoor: both layouts have one order and one split.
mkdir -p own/mit67 other
printf 'pub/x 1.jpg\nbar/2.png\npub/y.jpg\nbar/10.jpg\n%s' "$(printf 'pub/p%d.jpg\n' 3 2 1)" >own/mit67/TrainImages.txt
printf 'zoo/1.jpg\nbar/t.jpg' >own/mit67/TestImages.txt
awk 1 own/mit67/T*.txt | images own/mit67/Images
awk 1 own/mit67/TrainImages.txt | images other/train
awk 1 own/mit67/TestImages.txt | images other/test
mkdir other/train/zoo other/test/pub
is "$(told mit67 own --split trainval | paste -sd,)" \
	"bar/10.jpg 0,bar/2.png 0,pub/p1.jpg 1,pub/p2.jpg 1,pub/p3.jpg 1,pub/x 1.jpg 1,pub/y.jpg 1" "mit67: by class and name"
is "$(told mit67 own/mit67 --split test | paste -sd,) $(classes mit67 own)" "bar/t.jpg 0,zoo/1.jpg 2 bar,pub,zoo" "classes of both lists"
for s in train val trainval test; do
	is "$(told mit67 other --split $s)" "$(told mit67 own --split $s)" "the layout of folders: the same $s"
done
is "$(told mit67 own/mit67/Images)" "$(told mit67 own)" "the folder of the images itself"
mv own/mit67/TestImages.txt own/mit67/Images
must_fail 1 "a list that is not there" img-read mit67 own
like "$(cat "$err")" "^img-read: own/mit67/TestImages.txt: No such file" "is told"

# Pets: names of classes are the beginnings of the images'.
mkdir -p own/pets/annotations own/pets/images
printf '#Image CLASS-ID SPECIES BREED\nBig_Cat_1 3 1 1\ndog_7 1 2 1\n' >own/pets/annotations/trainval.txt
printf 'dog_8 1 2 1\nBig_Cat_3 3 1 1' >own/pets/annotations/test.txt
printf 'Big_Cat_1.jpg\ndog_7.jpg\ndog_8.jpg\nBig_Cat_3.jpg\nBig_Cat_9.jpg\n' | images own/pets/images
: >own/pets/images/x.mat
is "$(told pets own --split trainval | paste -sd,) $(told pets own --split test | paste -sd,) $(classes pets own)" \
	"Big_Cat_1.jpg 2,dog_7.jpg 0 dog_8.jpg 0,Big_Cat_3.jpg 2 dog,2,Big_Cat" "pets: labels are the lists' less 1"
printf 'dog_8 zero 2 1\n' >own/pets/annotations/test.txt
must_fail 1 "a line that is none" img-read pets own
is "$(cat "$err")" "img-read: own/pets/annotations/test.txt:1: dog_8: class: 'zero' is not a whole number; lines are \
NAME CLASS SPECIES BREED" "is told"
printf 'Big_Cat_1 3 1 1\n' >own/pets/annotations/trainval.txt
printf 'dog_8 1 2 1\n' >own/pets/annotations/test.txt
printf 'GIF89a\001\000\001\000' >own/pets/images/Big_Cat_1.jpg
must_fail 1 "a GIF by the name of a JPEG" img-read pets own
is "$(tail -n 2 "$err")" "$(printf "img-read: own/pets/annotations/trainval.txt:1: own/pets/images/Big_Cat_1.jpg: GIF, which is not read: \
convert 'IN[0]' OUT.png (package imagemagick)\n  --max-bad 1 leaves it out, --max-bad N up to N such, named and counted")" \
	"is named, and its remedy"

# Caltech-101: class folders, but for the background.
for c in Faces Faces_easy accordion; do printf "$c/image_%04d.jpg\n" $(seq 33); done | images own/101_ObjectCategories
printf 'BACKGROUND_Google/image_0001.jpg\naccordion/image_0000.jpg\n' | images own/101_ObjectCategories
is "$(for s in train val test trainval all; do count caltech101 own --split $s; done | paste -sd' ')" "75 15 10 90 100" \
	"caltech101: 25 + 5 of each class, and the rest"
is "$( (told caltech101 own; told caltech101 own --split val; told caltech101 own --split test) | sort)" \
	"$(told caltech101 own --split all | sort)" "which together are all"
is "$( (told caltech101 own; told caltech101 own --split val) | sort)" "$(told caltech101 own --split trainval | sort)" "trainval is both"
is "$(classes caltech101 own/101_ObjectCategories) $(told caltech101 own --split all | sed -n '1p;67p')" \
	"Faces,Faces_easy,accordion Faces/image_0001.jpg 0
accordion/image_0000.jpg 2" "capitals first; no background"

# FGVC-Aircraft: ids with zeros, names with blanks and slashes.
mkdir -p own/fgvc-aircraft-2013b/data
printf 'Boeing 707-320\nF/A-18\nATR-72\n' >own/fgvc-aircraft-2013b/data/variants.txt
printf '0034309 F/A-18\n0000001 ATR-72\n' >own/fgvc-aircraft-2013b/data/images_variant_train.txt
printf '1 Boeing 707-320' >own/fgvc-aircraft-2013b/data/images_variant_val.txt
printf '2 Boeing 707-32\n' >own/fgvc-aircraft-2013b/data/images_variant_test.txt
printf '0034309.jpg\n0000001.jpg\n1.jpg\n' | images own/fgvc-aircraft-2013b/data/images
is "$(for s in train val trainval; do told aircraft own --split $s | paste -sd,; done | paste -sd' ') $(classes aircraft own)" \
	"0034309.jpg 1,0000001.jpg 2 1.jpg 0 0034309.jpg 1,0000001.jpg 2,1.jpg 0 Boeing 707-320,F/A-18,ATR-72" "aircraft"
must_fail 1 "a variant that is none" img-read aircraft own/fgvc-aircraft-2013b/data --split test
is "$(cat "$err")" "img-read: own/fgvc-aircraft-2013b/data/images_variant_test.txt:1: 'Boeing 707-32' is none of the 3 variants; \
lines are ID NAME" "is told"
printf '7 F/A-18\n' >own/fgvc-aircraft-2013b/data/images_variant_val.txt
must_fail 1 "an image that is not there" img-read aircraft own --split trainval
like "$(cat "$err")" 'data/images_variant_val.txt:1: .*/7.jpg: No such file' "is told with the list of two that names it"

# SUN397: lists in a folder of their own, classes of two depths.
mkdir -p sun/Partitions
printf '/b/bar\n/a/flat/in\n/a/flat/out\n' >sun/Partitions/ClassName.txt
for i in $(seq 50); do printf '%s/sun_%d.jpg\n' /a/flat/out "$i" /b/bar "$i" /a/flat/in "$i"; done >sun/Partitions/Training_01.txt
printf '/a/flat/in/sun_t.jpg\n' >sun/Partitions/Testing_01.txt
cut -c2- sun/Partitions/T*.txt | images sun/SUN397
is "$(told sun397 sun --split test) $(classes sun397 sun) $(told sun397 sun --split trainval | head -n 2 | paste -sd,)" \
	"a/flat/in/sun_t.jpg 1 /b/bar,/a/flat/in,/a/flat/out a/flat/out/sun_1.jpg 2,b/bar/sun_1.jpg 0" \
	"sun397: the order of the lists, and of ClassName.txt"
is "$(told sun397 sun/SUN397 | cut -d' ' -f2 | uniq -c | tr -s ' ' | paste -sd,)" " 40 0, 40 1, 40 2" "40 + 10 of each class"
is "$( (told sun397 sun; told sun397 sun --split val) | sort)" "$(told sun397 sun --split trainval | sort)" "which are all"
is "$(words sun397 sun --split trainval --limit 2 | grep -c 'class by class') $(
	words sun397 sun --limit 2 | grep -c 'class by class')" "0 1" "trainval is mixed, as its list; train comes by class"
is "$(told sun397 sun --split-from sun/Partitions/Training_01.txt)" "$(told sun397 sun --split trainval)" "a published list of paths"
rm sun/Partitions/Testing_01.txt
must_fail 1 "no list" img-read sun397 sun --split test
like "$(cat "$err")" 'no Testing_01.txt there, in its Partitions or beside it; it is in Partitions.zip from https' "is told"

# ImageNet: class folders, or those that a list names, in its order.
for s in train val; do printf '%s.JPEG\n' n01/x n02/x n03/x n01/y | images own/ILSVRC2012/$s; done
mkdir hundred && printf 'n03\nn01 tench, Tinca\n' >hundred/some
is "$(told imagenet own | paste -sd,) $(classes imagenet own --split val)" \
	"train/n01/x.JPEG 0,train/n01/y.JPEG 0,train/n02/x.JPEG 1,train/n03/x.JPEG 2 n01,n02,n03" "imagenet: class by class"
is "$(told imagenet own --split val --classes hundred/some | paste -sd,) $(classes imagenet own --classes hundred/some)" \
	"val/n03/x.JPEG 0,val/n01/x.JPEG 1,val/n01/y.JPEG 1 n03,n01" "with a list: the label is its line"
is "$(img-read -q imagenet own --classes hundred/some | cksum)" "$(
	cp hundred/some again; img-read -q imagenet own --classes again | cksum)" \
	"where the list lies is not in the stream"
is "$(words imagenet100 own)" " own: no list of classes: the labels are the folders' order; --classes LIST for that of a list
 own: 3 classes, the published set has 100" "imagenet100 without a list"
cp hundred/some own/ILSVRC2012/imagenet100.txt
is "$(told imagenet100 own)" "$(told imagenet own --classes hundred/some)" "with one beside the images"
printf 'n03\nn9\n' >again
is "$(words imagenet100 own --classes again | head -n 1) $(count imagenet100 own --classes again)" \
	" own: classes without a folder in train, 1 of 2: n9 1" "a class that is not there"
printf 'n03\nn03\n' >again
must_fail 1 "a class that is there twice" img-read imagenet own --classes again
rm own/ILSVRC2012/imagenet100.txt
mkdir own/ILSVRC2012/train/m{1..98}
must_fail 1 "more than 100 classes and no list" img-read imagenet100 own
like "$(cat "$err")" 'own: 101 classes, of which a list names 100: --classes LIST, or imagenet100.txt there' "is told"
rm -r own/ILSVRC2012/val/n0? && echo x.JPEG | images own/ILSVRC2012/val
must_fail 1 "val as it unpacks" img-read imagenet own --split val

# Plant disease.
printf 'Corn_(maize)___Common_rust_/1 (2).JPG\nPepper,_bell___healthy/a b.jpg\n' | images own/plant-disease/train
printf 'Corn_(maize)___Common_rust_/3.JPG\n' | images own/plant-disease/valid
printf 'test/3.JPG\n' | images own/plant-disease/test
is "$(told plant-disease own | paste -sd,) $(told plant-disease own --split test) $(classes plant-disease own)" \
	"train/Corn_(maize)___Common_rust_/1 (2).JPG 0,train/Pepper,_bell___healthy/a b.jpg 1,valid/Corn_(maize)___Common_rust_/3.JPG 0 \
valid/Corn_(maize)___Common_rust_/3.JPG 0 Corn_(maize)___Common_rust_,Pepper,_bell___healthy" "plant-disease: joined"

# STL-10: planes column after column, labels from 1. Image i: red is its row, green its column, blue i.
values() { img-read -q "${@:2}" 2>/dev/null | rec-view - | grep '"seq"' | grep -oE "\"$1\":-?[0-9]+" | cut -d: -f2 | paste -sd' '; }
mkdir -p own/stl10_binary
planes() { gawk -v first="$1" -v n="$2" 'BEGIN { for (i = first; i < first + n; i++) for (c = 0; c < 3; c++) for (x = 0; x < 96; x++)
	for (y = 0; y < 96; y++) printf "%c", c == 0 ? y : c == 1 ? x : i }'; }
planes 0 20 >own/stl10_binary/train_X.bin
planes 20 2 | tee own/stl10_binary/test_X.bin >own/stl10_binary/unlabeled_X.bin
printf '\001\002%.0s' {1..10} >own/stl10_binary/train_y.bin
printf '\002\001' >own/stl10_binary/test_y.bin
printf 'bird\ncar\n' >own/stl10_binary/class_names.txt
printf '3 1 \n19\n' >own/stl10_binary/fold_indices.txt
is "$(values label stl10 own --split test) $(classes stl10 own)" "1 0 bird,car" "stl10: labels from 1"
is "$(img-read -q stl10 own --split test 2>/dev/null | rec-view --full - | grep -o '"data":\[[^]]*' | tail -n 1 | tr ',' '\n' |
	tr -d '":[a-z' | paste -d' ' - - - | awk '$1 != int((NR - 1) / 96) || $2 != (NR - 1) % 96 || $3 != 21' | wc -l)" 0 \
	"pixels are turned to rows"
is "$(values label stl10 own --split unlabeled) $(values label stl10 own --split train+unlabeled | cut -d' ' -f19-)" \
	" 0 1" "unlabelled images, alone and after train, have no label"
is "$(values id stl10 own --split train+unlabeled)" "$(seq -s' ' 0 21)" "with their indices"
is "$( (values id stl10 own; values id stl10 own --split val) | tr ' ' '\n' | sort -n | paste -sd' ')" "$(seq -s' ' 0 19)" \
	"train and val are all"
is "$(values id stl10 own --split val | wc -w) $(values id stl10 own --split fold0) $(values id stl10 own --split fold1)" "2 3 1 19" \
	"a tenth; and the published folds"
must_fail 1 "a fold that is not there" img-read stl10 own --split fold2
must_fail 2 "an eleventh" img-read stl10 own --split fold10
is "$(words stl10 own --split trainval)" " own: 20 images to trainval, the published set has 5000" "a count that differs"
printf x >>own/stl10_binary/test_X.bin
must_fail 1 "half an image" img-read stl10 own --split test
printf '\003' >>own/stl10_binary/train_y.bin
must_fail 1 "a label too many" img-read stl10 own
like "$(cat "$err")" 'train_y.bin: 21 labels, but .*train_X.bin has 20 images' "is told"

# FC100: of CIFAR-100.
mkdir -p own/cifar-100-binary
records() { gawk -v list="$1" 'BEGIN { n = split(list, l, " "); for (i = 1; i <= n; i++) { split(l[i], at, ":")
	printf "%c%c", at[1], at[2]; for (j = 0; j < 3072; j++) printf "%c", i } }'; }
records "1:5 0:9 14:2 12:7" >own/cifar-100-binary/train.bin
records "7:3 0:9" >own/cifar-100-binary/test.bin
printf 'f%d\n' {0..9} >own/cifar-100-binary/fine_label_names.txt
printf 'c%d\n' {0..19} >own/cifar-100-binary/coarse_label_names.txt
is "$(values id fc100 own) $(values label fc100 own) $(values coarse fc100 own) $(classes fc100 own)" \
	"1 2 3 4 5 3 0 2 1 3 0 14 12 7 0 f2,f3,f7,f9" "fc100: the classes of four coarse ones, training files first"

# Names without images: to a full disk, to a reader that leaves.
full() { img-read -q --names fc100 own >/dev/full; }
must_fail 1 "--names to a full disk" full
leaves() { img-read -q --names fc100 own --epochs 0 2>/dev/null | head -n 6 | tail -n 1; }
is "$(leaves)" "1 3" "--names without end, to a reader that leaves"
is "$(told caltech101 own --shuffle --limit 7 --shard 2/3 | wc -l)" 2 "--names of a shard"

# A split that a set has not; every set's page and list.
for s in train val test; do must_fail 2 "fc100 has no $s" img-read fc100 own --split ${s}1; done
is "$(img-read --list | awk '/^  [a-z]/ { name = $1 } /^    score/ { score[name] = $2 }
	/^    exif +off/ && name != "voc:" && score[name] !~ /^(top1|per-class)$/ { print name }')" "" \
	"--list says the score of each published set of classes"

# ---- the genuine lists ----
# randperm SEED N: torch's permutation, by a second hand.
randperm()
{
	gawk -v seed="$1" -v n="$2" '
		function mul(a, b) { return (((a * int(b / 65536)) % 65536) * 65536 + a * (b % 65536)) % 4294967296 }
		function next_word(   y) {
			if (at == 624) {
				for (i = 0; i < 624; i++) {
					y = or(and(w[i], 0x80000000), and(w[(i + 1) % 624], 0x7fffffff))
					w[i] = xor(w[(i + 397) % 624], rshift(y, 1), y % 2 ? 0x9908b0df : 0)
				}
				at = 0
			}
			y = w[at++]
			y = xor(y, rshift(y, 11))
			y = xor(y, and(and(lshift(y, 7), 0xffffffff), 0x9d2c5680))
			y = xor(y, and(and(lshift(y, 15), 0xffffffff), 0xefc60000))
			return xor(y, rshift(y, 18))
		}
		BEGIN {
			w[0] = seed
			for (i = 1; i < 624; i++) w[i] = (mul(xor(w[i - 1], rshift(w[i - 1], 30)), 1812433253) + i) % 4294967296
			at = 624
			for (k = 0; k < n; k++) r[k] = k
			for (k = 0; k < n - 1; k++) { z = k + next_word() % (n - k); t = r[k]; r[k] = r[z]; r[z] = t }
			for (k = 0; k < n; k++) print r[k]
		}'
}
# picked FILE < INDICES: these lines, from 0.
picked() { awk 'NR == FNR { line[NR - 1] = $0; next } { print line[$1] }' "$1" -; }
# same NAME SET DIR SPLIT < EXPECTED: names and labels are those; and nothing is said.
same()
{
	cat >"$scratch/want"
	told "$2" "$3" --split "$4" >"$scratch/got"
	cmp -s "$scratch/want" "$scratch/got"
	result $? "$1, $(wc -l <"$scratch/want") lines" || diag "$(diff "$scratch/want" "$scratch/got" | head -n 5)"
	is "$(cat "$scratch/words")" "${5-}" "... and nothing is said"
}
# each < NAMES AND LABELS: how many classes have how many images.
each() { cut -d' ' -f2 | uniq -c | awk '{ print $1 }' | uniq -c | tr -s ' '; }
# divided SET DIR SEED VAL < EXPECTED: trainval, and its random split.
divided()
{
	cat >"$scratch/all"
	local n
	n=$(wc -l <"$scratch/all")
	same "$1: trainval" "$1" "$2" trainval "${5-}" <"$scratch/all"
	randperm "$3" "$n" >"$scratch/perm"
	same "$1: train" "$1" "$2" train "${5-}" < <(head -n $((n - $4)) "$scratch/perm" | picked "$scratch/all")
	same "$1: val" "$1" "$2" val "${5-}" < <(tail -n "$4" "$scratch/perm" | picked "$scratch/all")
}
is "$(randperm 42 10 | paste -sd' ')" "2 6 1 8 4 5 0 9 3 7" "the second hand knows torch's permutation"

# pets LIST: names and labels.
pets() { awk '{ print $1 ".jpg", $2 - 1 }' "$1"; }

# Sets of the published size, of which --names needs the lists alone.
mkdir -p full/pets/annotations full/stl10_binary
awk 'BEGIN { for (i = 0; i < 3680; i++) printf "breed%d_%d %d 1 1\n", 1 + i % 37, i, 1 + i % 37 }' >full/pets/annotations/trainval.txt
divided pets full 49 740 < <(pets full/pets/annotations/trainval.txt)
truncate -s 138240000 full/stl10_binary/train_X.bin
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "%c", 1 + i % 10 }' >full/stl10_binary/train_y.bin
divided stl10 full 50 500 < <(awk 'BEGIN { for (i = 0; i < 5000; i++) print i, i % 10 }')

if [ -e "$data/lists.tar.xz" ] && [ -e "$data/native-samples.tar" ]; then
	tar -xf "$data/lists.tar.xz"
	mkdir disk

	mkdir -p disk/food-101/meta && cp lists/food101_classes.txt disk/food-101/meta/classes.txt
	for s in train test; do
		cp lists/food101_$s.txt disk/food-101/meta/$s.txt
		sed 1d lists/food101_$s.txt | awk 'NR == FNR { label[$1] = NR - 1; next } { split($1, at, "/")
			print $1 ".jpg", label[at[1]] }' lists/food101_classes.txt - >food.$s
	done
	divided food101 disk 42 7575 <food.train
	same "food101: test" food101 disk test <food.test
	is "$(classes food101 disk)" "$(paste -sd, lists/food101_classes.txt)" "food101: classes"

	mkdir disk/mit67
	for s in Train Test; do
		cp lists/mit67_${s}Images.elementdiscovery.txt disk/mit67/${s}Images.txt
	done
	awk 1 disk/mit67/T*.txt | cut -d/ -f1 | sort -u >rooms
	for s in Train Test; do
		awk 1 disk/mit67/${s}Images.txt | sort -t/ -k1,1 -k2 |
			awk -F/ 'NR == FNR { label[$1] = NR - 1; next } { print $0, label[$1] }' rooms - >mit.$s
	done
	divided mit67 disk 51 670 <mit.Train
	same "mit67: test" mit67 disk test <mit.Test
	is "$(classes mit67 disk)" "$(paste -sd, rooms)" "mit67: classes"

	mkdir -p disk/oxford-iiit-pet/annotations
	for s in trainval test list; do cp lists/pets_$s.sample.txt disk/oxford-iiit-pet/annotations/$s.txt; done
	divided pets disk 49 60 "img-read: disk: 300 images to train, the published set has 3680" \
		< <(pets lists/pets_trainval.sample.txt)
	same "pets: test" pets disk test "img-read: disk: 298 images to test, the published set has 3669" \
		< <(pets lists/pets_test.sample.txt)
	is "$(classes pets disk)" "Abyssinian,american_bulldog,3,4,5,Bengal" "pets: classes"

	# The shared lists of aircraft have numbers for the variants and no val: names are made here.
	mkdir -p disk/fgvc-aircraft-2013b/data
	awk 'BEGIN { for (i = 1; i <= 100; i++) print (i % 3 ? "Boeing 7" : "F/A ") 101 - i }' >disk/fgvc-aircraft-2013b/data/variants.txt
	head -n 3334 lists/aircraft_mmal_trainval.txt >air.train
	tail -n 3333 lists/aircraft_mmal_trainval.txt >air.val
	cp lists/aircraft_mmal_test.txt air.test
	for s in train val test; do
		awk 'NR == FNR { name[NR] = $0; next } { sub(/[.]jpg/, "", $1); print $1 " " name[$2] }' \
			disk/fgvc-aircraft-2013b/data/variants.txt air.$s >disk/fgvc-aircraft-2013b/data/images_variant_$s.txt
		same "aircraft: $s" aircraft disk $s < <(awk '{ print $1, $2 - 1 }' air.$s)
	done
	same "aircraft: trainval" aircraft disk trainval < <(awk '{ print $1, $2 - 1 }' air.train air.val)

	# Caltech-101: the authors' indices count the sorted images of the classes without the background.
	awk '{ c = NR < 5 ? substr("FacesFaces_easyLeopardsMotorbikes", NR == 1 ? 1 : NR == 2 ? 6 : NR == 3 ? 16 : 24,
		NR == 1 ? 5 : NR == 2 ? 10 : NR == 3 ? 8 : 10) : sprintf("c%03d", NR)
		for (i = 1; i <= $1; i++) printf "%s/image_%04d.jpg %d\n", c, i, NR - 1 }' lists/augself_caltech101_class_sizes.txt >caltech
	(cut -d' ' -f1 caltech; echo BACKGROUND_Google/image_0001.jpg) | images disk/101_ObjectCategories
	same "caltech101: all" caltech101 disk all <caltech
	for s in train val test; do
		is "$(told caltech101 disk --split-from lists/augself_split_caltech101_$s.txt | cksum)" \
			"$(picked caltech <lists/augself_split_caltech101_$s.txt | cksum)" "caltech101: the authors' $s"
	done
	is "$(told caltech101 disk --split-from lists/augself_split_caltech101_train.txt | each)" " 101 25" "... 25 of each class"
	is "$(for s in train val test; do count caltech101 disk --split $s; done | paste -sd' ')" "2525 505 5647" "our own has their sizes"

	# SUN397: the authors' indices count Training_01.txt.
	awk 'BEGIN { for (c = 0; c < 397; c++) { name = sprintf("/%c/c%03d%s", 97 + int(c / 16), c, c % 5 ? "" : "/indoor")
		print name >"sun.c"
		for (i = 1; i <= 50; i++) printf "%s/sun_%03d.jpg\n", name, i } }' >sun.t
	mkdir disk/SUN397 && cp sun.c disk/SUN397/ClassName.txt && cp sun.t disk/SUN397/Training_01.txt
	cp sun.t disk/SUN397/Testing_01.txt
	mkdir disk/SUN397/a
	awk '{ print substr($0, 2), int((NR - 1) / 50) }' sun.t >sun.want
	same "sun397: trainval" sun397 disk trainval <sun.want
	for s in train val; do
		is "$(told sun397 disk --split-from lists/augself_split_sun397_$s.txt | cksum)" \
			"$(picked sun.want <lists/augself_split_sun397_$s.txt | cksum)" "sun397: the authors' $s"
		is "$(told sun397 disk --split-from lists/augself_split_sun397_$s.txt | each)" "$(told sun397 disk --split $s | each)" \
			"... has as many of each class as ours"
	done

	# ImageNet100: the label is the line.
	(sed 's|$|/a.JPEG|' lists/augself_imagenet100.txt; echo n00000001/b.JPEG) | images disk/imagenet/train
	awk '{ print "train/" $1 "/a.JPEG", NR - 1 }' lists/augself_imagenet100.txt >net
	is "$(told imagenet100 disk --classes lists/augself_imagenet100.txt)" "$(cat net)" "imagenet100: labels are lines"
	is "$(classes imagenet100 disk --classes lists/augself_imagenet100.txt)" "$(paste -sd, lists/augself_imagenet100.txt)" "and classes"
	rm -r disk

	# Real images in their own layouts.
	tar -xf "$data/native-samples.tar" && mkdir real && mv dtd pets food-101 real
	said() { echo "img-read: real: $(wc -l <"$1") images to $2, the published set has $3"; }
	# labelled CLASSES LIST ENDING: names and labels of a list of CLASS/FILE.
	labelled()
	{
		awk -v ending="$3" 'NR == FNR { label[$1] = FNR - 1; next } { split($1, at, "/"); print $1 ending, label[at[1]] }' "$1" "$2"
	}
	(cd real/dtd/images && printf '%s\n' *) >textures
	for s in train val test; do
		l=real/dtd/labels/${s}1.txt
		same "dtd, real: $s" dtd real $s "$(said $l $s 1880)" < <(labelled textures $l "")
	done
	l=real/food-101/meta
	same "food101, real: trainval" food101 real trainval "$(said $l/train.txt train 75750)" \
		< <(labelled $l/classes.txt $l/train.txt .jpg)
	same "food101, real: test" food101 real test "$(said $l/test.txt test 25250)" < <(labelled $l/classes.txt $l/test.txt .jpg)
	l=real/pets/annotations
	same "pets, real: trainval" pets real trainval "$(said $l/trainval.txt train 3680)" < <(pets $l/trainval.txt)
	same "pets, real: test" pets real test "$(said $l/test.txt test 3669)" < <(pets $l/test.txt)
	is "$(for s in dtd food101 pets; do loaded $s real --split trainval; loaded $s real --split test; done | paste -sd' ')" \
		"40 20 80 40 42 31" "all of them are read"
	is "$(img-read -q pets real --split test 2>/dev/null | rec-view - | grep Abyssinian_5.jpg | grep -o '"format":"[a-z]*"')" \
		'"format":"png"' "a PNG by the name of a JPEG is read"
	cp real/pets/annotations/list.txt real/pets/annotations/test.txt
	echo 'Abyssinian_34 1 1 1' >>real/pets/annotations/test.txt
	is "$(loaded pets real --split test --max-bad 1) $(grep -c 'Abyssinian_34.jpg: GIF' "$scratch/words")" "73 1" \
		"a GIF is named and left out"
else
	skip "the genuine lists and the samples of real images" "no ../shared/data"
fi
done_testing
