#!/usr/bin/env bash
# Sets with boxes, CUB-200-2011 and Pascal VOC: small layouts, the genuine lists and the samples of real images.
# What is expected is computed from lists and XML by awk.
. "${0%/*}/../lib.sh"
. "$top/tests/sets.sh"

# numbers < JSON OF BOXES: rounded to 5 digits, which single floats in pixels give.
numbers()
{
	sed -E 's/([[,])([0-9.e-]+)/\1\n\2\n/g' | awk '/^[0-9.e-]+$/ { printf "%.5f", $0; next } { printf "%s%s", $0, /}$/ ? "\n" : "" }'
}

# CUB: lists joined by ids, which come in any order.
mkdir -p own/CUB_200_2011 && cd own/CUB_200_2011 || exit 1
printf '1 001.Auk\n2 002.Tit\n' >classes.txt
printf '1 002.Tit/b.jpg\n2 001.Auk/z.jpg\n3 001.Auk/a.jpg\n4 002.Tit/c.jpg\n5 002.Tit/a.jpg\n' >images.txt
printf '2 1\n1 2\n3 1\n4 2\n5 2\n' >image_class_labels.txt
printf '1 1\n2 0\n3 1\n4 1\n5 1\n' >train_test_split.txt
printf '1 10.0 20.0 50.0 25.0\n2 0.0 0.0 200.0 100.0\r\n3 150.5 0.0 100.0 10.0\n4 0.0 0.0 0.0 10.0\n5 1.0 2.0 3.0 4.0\n' >bounding_boxes.txt
cut -d' ' -f2 images.txt | jpegs 100 200 images
cd ../..
is "$(for s in trainval test all; do told cub200 own --split $s | paste -sd,; done | paste -sd' ')" \
	"002.Tit/b.jpg 1,001.Auk/a.jpg 0,002.Tit/c.jpg 1,002.Tit/a.jpg 1 001.Auk/z.jpg 0 \
002.Tit/b.jpg 1,001.Auk/z.jpg 0,001.Auk/a.jpg 0,002.Tit/c.jpg 1,002.Tit/a.jpg 1" "cub200: in the order of images.txt"
is "$( (told cub200 own; told cub200 own --split val) | sort)" "$(told cub200 own --split trainval | sort)" "train and val are all"
is "$(classes cub200 own)" "001.Auk,002.Tit" "its classes"
is "$(boxed cub200 own --split all | numbers | paste -sd' ')" '002.Tit/b.jpg {"bird":[0.20000,0.05000,0.25000,0.25000]} '\
'001.Auk/z.jpg {"bird":[0.00000,0.00000,1.00000,1.00000]} 001.Auk/a.jpg {"bird":[0.00000,0.75250,0.10000,0.24750]} '\
'002.Tit/a.jpg {"bird":[0.02000,0.00500,0.04000,0.01500]}' "boxes: y, x, height, width as fractions, within the image"
is "$(words cub200 own --split all | head -n 1)" " left out, boxes without an area: 1, the first of 002.Tit/c.jpg" \
	"one without an area is left out, and said"
val=$(boxed cub200 own --split val)
is "$(boxed cub200 own --split all | grep -F "${val%% *}")" "$val" "in a part of the images, each has its own boxes"

# broken LIST TEXT NAME WORDS: a list of the set in which a line is another.
broken()
{
	rm -rf broken && cp -r own broken && printf '%b' "$2" >broken/CUB_200_2011/"$1"
	must_fail 1 "cub200: $3" img-read cub200 broken --split all
	is "$(cut -d' ' -f2- "$err")" "broken/CUB_200_2011/$1$4" "is told"
}
broken images.txt '1 002.Tit/b.jpg\n1 001.Auk/z.jpg\n' "an id twice" ":2: id 1 again, after line 1"
broken images.txt 'x 002.Tit/b.jpg\n' "no id" ":1: 'x 002.Tit/b.jpg': lines are ID VALUE, ids are whole numbers from 1"
broken image_class_labels.txt '1 1\n2 3\n' "a class that is none" ":2: 3 is not within 1..2"
broken image_class_labels.txt '2 1\n' "an image without a label" ": no line for image 1 of images.txt"
broken train_test_split.txt '1 2\n' "no split" ":1: 2 is not within 0..1"
broken classes.txt '2 a\n' "classes that do not count from 1" ":1: class 2, expected 1"
broken bounding_boxes.txt '1 10.0 20.0 50.0\n' "a box of three numbers" ":1: lines are ID X Y WIDTH HEIGHT"
broken bounding_boxes.txt '1 1 2 3 4 5\n' "of five" ":1: lines are ID X Y WIDTH HEIGHT, and end there"
rm -rf broken && cp -r own broken && echo '1 500 0 10 10' >broken/CUB_200_2011/bounding_boxes.txt
sed -i 2,5d broken/CUB_200_2011/images.txt
must_fail 1 "a box beside its image" img-read cub200 broken --split all
like "$(cat "$err")" '^img-read: broken/.*images.txt:1: .*002.Tit/b.jpg: a box at x 500, y 0 lies outside of its 200 x 100 pixels' \
	"is a bad image"
rm broken/CUB_200_2011/bounding_boxes.txt
is "$(words cub200 broken --split all | head -n 1) $(told cub200 broken --split all)" \
	" no bounding_boxes.txt, and so no boxes 002.Tit/b.jpg 1" \
	"a copy without boxes"

# VOC.
grep -q AS_LATE_expat "$BUILD/libraries.mk" || { skip "XML" "built without expat (package libexpat1-dev)"; done_testing; }
object() { printf '<object><part><name>no</name><bndbox><xmin>9</xmin></bndbox></part><name>%s</name><bndbox><xmax>%s</xmax><xmin>%s</xmin>\
<ymin> %s\n</ymin><ymax>%s</ymax></bndbox></object>' "$1" "$4" "$2" "$3" "$5"; }
size='<size><width>200</width><height>100</height></size>'
annotation() { printf '<?xml version="1.0"?>\n<annotation>%s%s</annotation>\n' "$1" "${2-$size}"; }
mkdir -p VOC2007/{Annotations,ImageSets/Main}
printf '%s.jpg\n' 000001 000002 | jpegs 100 200 VOC2007/JPEGImages
cp "$scratch/header.jpg" VOC2007/JPEGImages/000003.png
annotation "$(object dog 1 1 200 100)$(object cat 11 21 20 40)$(object dog 100.5 1 150 50)" >VOC2007/Annotations/000001.xml
annotation "$(object cat 0 0 500 500)$(object dog 7 7 7 9)" '' >VOC2007/Annotations/000002.xml
printf '000002\r\n000001\r\n' >VOC2007/ImageSets/Main/train.txt
printf '000003' >VOC2007/ImageSets/Main/val.txt
printf '000001  1\r\n000002 -1\r\n000003  0\r\n' >VOC2007/ImageSets/Main/dog_trainval.txt
is "$(for s in train val trainval dog_trainval; do told voc . --split $s | paste -sd,; done | paste -sd' ')" \
	"000002.jpg -1,000001.jpg -1 000003.png -1 000002.jpg -1,000001.jpg -1,000003.png -1 000001.jpg 1,000002.jpg 0" \
	"voc: lists from Windows; without trainval.txt it is both; labels are those of a class's list; any ending"
is "$(classes voc VOC2007 --split dog_trainval)$(classes voc VOC2007)" "no dog,dog" "whose classes are two"
is "$(words voc . --split dog_trainval)" " left out, boxes without an area: 1, the first of 000002.jpg
 left out, images where dog_trainval is difficult to see (0 in the list): 1" "what is left out is said"
is "$(words voc . --split trainval | tail -n 1)" " images without a file in Annotations, and so without boxes: 1 of 3" \
	"and what has no boxes"
is "$(boxed voc . | numbers | paste -sd' ')" '000002.jpg {"cat":[0.00000,0.00000,1.00000,1.00000]} '\
'000001.jpg {"cat":[0.20000,0.05000,0.20000,0.05000],"dog":[0.00000,0.00000,1.00000,1.00000,0.00000,0.49750,0.50000,0.25250]}' \
	"boxes from 1 with their last pixel, by class; not those of parts; of the annotated size, or the image's"
must_fail 1 "a list that is not there" img-read voc . --split bird_train
like "$(cat "$err")" '^img-read: ./VOC2007/ImageSets/Main/bird_train.txt: No such file' "is told"
must_fail 2 "one outside" img-read voc . --split ../Main/train
printf '000001 2\n' >VOC2007/ImageSets/Main/x.txt
must_fail 1 "a line of another kind" img-read voc . --split x
is "$(cut -d' ' -f2- "$err")" "./VOC2007/ImageSets/Main/x.txt:1: '000001 2': lines are ID, or ID and 1, -1 or 0" "is told"

# An image that EXIF turns, when asked: boxes turn with it. 1 to 8 are where the first row and column are.
exif()
{
	printf %b '\377\330\377\341\000\042Exif\000\000II*\000\010\000\000\000\001\000\022\001\003\000\001\000\000\000' \
		"\\0$(printf %03o "$1")\000\000\000\000\000\000\000"
}
annotation "$(object dog 1 1 20 50)" >VOC2007/Annotations/000001.xml
echo 000001 >VOC2007/ImageSets/Main/one.txt
turned()
{
	(exif "$1" && tail -c +3 "$scratch/header.jpg") >VOC2007/JPEGImages/000001.jpg
	boxed voc . --split one --exif on | numbers | cut -d: -f2
}
is "$(for t in 1 2 3 4 5 6 7 8; do turned $t; done | sed 's/0000\b//g' | paste -sd' ')" \
	"[0.0,0.0,0.5,0.1]} [0.0,0.9,0.5,0.1]} [0.5,0.9,0.5,0.1]} [0.5,0.0,0.5,0.1]} \
[0.0,0.0,0.1,0.5]} [0.0,0.5,0.1,0.5]} [0.9,0.5,0.1,0.5]} [0.9,0.0,0.1,0.5]}" "every turn"
is "$(boxed voc . --split one | numbers)" '000001.jpg {"dog":[0.00000,0.00000,0.50000,0.10000]}' "as they are stored, by default"

# wrong XML NAME WORDS: an annotation that is refused.
wrong()
{
	printf '%s' "$1" >VOC2007/Annotations/000001.xml
	must_fail 1 "voc: $2" img-read voc . --split one
	is "$(cut -d' ' -f2- "$err")" "./VOC2007/Annotations/000001.xml:$3" "is told"
}
deep=$(printf '<a>%.0s' {1..20}) long=$(printf '%01100d' 0)
wrong '<annotation><object>' "cut off" "1: XML: no element found"
wrong "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>" "a document type" "1: XML: a document type (<!DOCTYPE a>), which is not read"
wrong '<a>&b;</a>' "an entity" "1: XML: undefined entity"
wrong "$deep" "too deep" "1: XML: elements more than 16 deep, or names too long"
wrong "$(printf '<a>\n<b>%s</b></a>' "$long")" "too long a text" "2: XML: /a/b: a text of more than 1000 bytes"
wrong "$(annotation "<object><name>dog</name></object>")" "no box" \
	"2: an object without a name or without all of bndbox's xmin, ymin, xmax, ymax"
wrong "$(annotation "$(object dog 1 x 3 4)")" "a box of words" "4: /annotation/object/bndbox/ymin: 'x' is not a number"
wrong "" "empty" "1: XML: no element found"
wrong "$(annotation "$(for _ in {1..1001}; do object dog 1 1 9 9; done)")" "too many boxes" "2004: more than 1000 boxes of an image"
head -c 5000000 /dev/zero | tr '\0' ' ' >VOC2007/Annotations/000001.xml
must_fail 1 "voc: too large" img-read voc . --split one

# ---- what img-synth lays out as the published sets are, from their description, and its table of facts ----

# facts SET SPLIT [PREFIX]: name and class; fact_boxes: name, and left,top,width,height,object of each box.
facts() { awk -F'\t' -v split_name="$2" -v prefix="$3" '$1 == split_name { sub(prefix, "", $2); print $2, $3 }' "$1.tsv"; }
fact_boxes()
{
	awk -F'\t' -v prefix="$2" 'NR > 1 { sub(prefix, "", $2); line = $2; for (i = 5; i <= NF; i++) line = line " " $i; print line }' \
		"$1.tsv" | sort -u
}
# Boxes in pixels as the facts have them: fractions x the size that the file has.
pixels()
{
	img-read -q "$@" 2>"$scratch/words" | rec-view --full - |
		sed -nE 's/^\{"seq":.*"name":"([^"]*)".*"boxes":\{([^}]*)\}.*"height":([0-9]+),"width":([0-9]+)\}?.*$/\1 \3 \4 \2/p' |
		awk '{ name = $1; h = $2; w = $3; sub(/^[^ ]* [^ ]* [^ ]* /, ""); n = split($0, part, /[]],?/); line = ""
			for (i = 1; i < n; i++) { split(part[i], side, /":[[]/); sub(/^"/, "", side[1]); m = split(side[2], v, ",")
				for (k = 1; k < m; k += 4)
					line = line sprintf(" %.0f,%.0f,%.0f,%.0f,%s", v[k + 1] * w, v[k] * h, v[k + 3] * w, v[k + 2] * h,
						side[1]) }
			print name line }'
}
# The boxes of a line in the order of their bytes.
ordered()
{
	awk '{ n = split($0, f, " ")
		for (i = 2; i <= n; i++) for (k = i + 1; k <= n; k++) if (f[k] < f[i]) { t = f[i]; f[i] = f[k]; f[k] = t }
		line = f[1]; for (i = 2; i <= n; i++) line = line " " f[i]; print line }' | sort
}
img-synth -q --layout cub200 --out laid/cub200 --facts cub200.tsv
img-synth -q --layout voc --out laid/voc --facts voc.tsv
is "$(told cub200 laid/cub200 --split trainval)" "$(facts cub200 train images/)" "img-synth's cub200: what is in it, is read"
is "$(told cub200 laid/cub200 --split test)" "$(facts cub200 test images/)" "... to test"
is "$(pixels cub200 laid/cub200 --split all | sed 's/,bird\b/,0/g' | ordered)" \
	"$(fact_boxes cub200 images/ | sed -E 's/,[^, ]*( |$)/,0\1/g' | ordered)" "... and the boxes"
for s in train val trainval test; do
	is "$(told voc laid/voc --split $s)" "$(facts voc $s VOC2007/JPEGImages/ | sed 's/ .*/ -1/')" "img-synth's voc: $s"
done
is "$(for s in trainval test; do pixels voc laid/voc --split $s; done | ordered)" \
	"$(fact_boxes voc VOC2007/JPEGImages/ | ordered)" "... and the boxes, by the names of their classes"
one=$(awk -F'\t' '$1 == "test" { split($5, v, ","); print v[5]; exit }' voc.tsv)
is "$(told voc laid/voc --split "${one}_test")" "$(awk -F'\t' -v one="$one" '$1 == "test" { sub(/.*\//, "", $2); has = 0
	for (i = 5; i <= NF; i++) { split($i, v, ","); has = has || v[5] == one } print $2, has }' voc.tsv)" \
	"... a list of a class says which images have one"

# ---- genuine ----
if [ ! -e "$data/lists.tar.xz" ]; then
	skip "the genuine lists and samples" "no $data"
	done_testing
fi
tar -xf "$data/lists.tar.xz" && tar -xf "$data/native-samples.tar" && tar -xf "$data/bccd-boxes.tar"

mkdir -p genuine/CUB_200_2011
for f in images image_class_labels train_test_split bounding_boxes classes; do cp lists/cub_$f.txt genuine/CUB_200_2011/$f.txt; done
# expected PARTS: name and label where the split is one of these.
expected()
{
	awk -v parts="$1" 'FNR == 1 { file++ } file == 1 { label[$1] = $2 - 1 } file == 2 { part[$1] = $2 }
		file == 3 && index(parts, part[$1]) { print $2, label[$1] }' lists/cub_{image_class_labels,train_test_split,images}.txt
}
is "$(told cub200 genuine --split test)" "$(expected 0)" "genuine cub200: 5,794 to test, with their labels, in the list's order"
is "$(grep -c . "$scratch/words") $(told cub200 genuine --split test | wc -l)" "0 5794" "as many as were published"
is "$(told cub200 genuine --split trainval)" "$(expected 1)" "5,994 to train"
is "$(told cub200 genuine --split all | cksum)" "$(expected 01 | cksum)" "all 11,788"
is "$(for s in train val; do told cub200 genuine --split $s | wc -l; done | paste -sd' ')" "4994 1000" "4,994 and 1,000"
is "$(told cub200 genuine --split val | cut -d' ' -f2 | uniq -c | awk '{ print $1 }' | uniq)" 5 "5 of each class"
awk 'NR % 7 == 1' lists/cub_images.txt >genuine/CUB_200_2011/images.txt
cut -d' ' -f2 genuine/CUB_200_2011/images.txt | jpegs 1000 1000 genuine/CUB_200_2011/images # no box is larger
is "$(boxed cub200 genuine --split all | numbers | cksum)" "$(awk 'NR == FNR { name[$1] = $2; next }
	$1 in name { printf "%s {\"bird\":[%.5f,%.5f,%.5f,%.5f]}\n", name[$1], $3 / 1000, $2 / 1000, $5 / 1000, $4 / 1000 }' \
	genuine/CUB_200_2011/images.txt lists/cub_bounding_boxes.txt | cksum)" "the boxes of every seventh image"

mkdir -p genuine/VOCdevkit/VOC2007/ImageSets/Main
for f in train val trainval test; do cp lists/voc2007_$f.txt genuine/VOCdevkit/VOC2007/ImageSets/Main/$f.txt; done
for s in train:2501 val:2510 trainval:5011 test:4952; do
	is "$(told voc genuine --split "${s%:*}")" "$(tr -d '\r' <lists/voc2007_"${s%:*}".txt | sed 's/$/.jpg -1/')" \
		"genuine voc ${s%:*}: the list"
	is "$(told voc genuine --split "${s%:*}" | wc -l)" "${s#*:}" "... of ${s#*:}"
done

# Real images: the size of each is in its XML, or as file(1) would say, in its header, which records have.
sizes()
{
	img-read -q cub200 . --split all 2>/dev/null | rec-view - |
		sed -nE 's/^.*"name":"([^"]*)".*"file".*"height":([0-9]+),"width":([0-9]+).*$/\1 \2 \3/p'
}
is "$(boxed cub200 . --split all | numbers)" "$(sizes | awk 'FNR == 1 { file++ } file == 1 { id[$2] = $1 }
	file == 2 { for (i = 2; i <= 5; i++) box[$1, i] = $i }
	file == 3 { i = id[$1]
		printf "%s {\"bird\":[%.5f,%.5f,%.5f,%.5f]}\n", $1, box[i, 3] / $2, box[i, 2] / $3, box[i, 5] / $2, box[i, 4] / $3 }' \
	CUB_200_2011/images.txt CUB_200_2011/bounding_boxes.txt -)" "the sample of cub200: 96 birds"
wbc()
{
	awk '{ split($0, f, /[<>]/) } f[2] == "name" { name = f[3] } f[2] ~ /^[xy]m(in|ax)$/ { v[f[2]] = f[3] + 0 }
		/<\/object>/ && name == "WBC" && v["xmax"] > v["xmin"] { n++; y = (v["ymin"] - 1) / 480; x = (v["xmin"] - 1) / 640
			if (y < 0) y = 0; if (x < 0) x = 0
			box = sprintf("[%.5f,%.5f,%.5f,%.5f]", y, x, (v["ymax"] - 480 * y) / 480, (v["xmax"] - 640 * x) / 640) }
		END { if (n == 1) print box }' "$1"
}
is "$(for s in train val test; do boxed voc bccd --split $s; done | numbers | sed -nE 's/^.*"WBC":(\[([^],]*,){3}[^],]*\]).*$/\1/p')" \
	"$(cat bccd/ImageSets/Main/{train,val,test}.txt | while read -r id; do wbc bccd/Annotations/"$id".xml; done)" \
	"bccd: every single white cell"
is "$(for s in train val test; do boxed voc bccd --split $s; done | grep -cE '"WBC":\[([^],]*,){3}[^],]*\]')" 189 "which are 189"
is "$(words voc bccd --split trainval; words voc bccd --split test)" \
	" left out, boxes without an area: 1, the first of BloodImage_00338.jpg" \
	"one box without an area is said"
done_testing
