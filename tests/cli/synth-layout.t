#!/usr/bin/env bash
# img-synth --layout: each set lies on disk as the published one does, counted and looked at with the shell's tools;
# what its table of facts says is there.
. "${0%/*}/../lib.sh"

img-synth --list >list || skip_all "no layouts"
layouts=$(awk '{ print $1 }' list)
# The folder that a reader is given.
folder_of() { awk -v s="$1" '$1 == s { print ($3 == "." ? s : s "/" $3) }' list; }
make() { img-synth --layout "$1" --out "$1" --facts "$1.tsv" "${@:2}"; }
facts() { awk -F'\t' -v s="$2" 'NR > 1 && ($1 == s || s == "")' "$1.tsv"; }
inside() { (cd "$1" && printf '%s\n' *); }
column() { cut -f "$1" | paste -sd ' '; }

# ---- what holds for all ----

bytes() { (cd "$1" && find . -type f | sort | xargs -d '\n' cksum); }
# Paths that a table names and those of the images on disk, but for strays.
named() { facts "$1" "" | cut -f 2 | sort -u; }
strays='BACKGROUND_Google/|/n01440764/|/n02500000/|Abyssinian_21.jpg'
on_disk()
{
	local none='^$'
	[[ $1 =~ ^(imagenet100|caltech101|pets)$ ]] && none=$strays
	(cd "$(folder_of "$1")" && find . -iname '*.jp*g' | sed 's|^\./||' | grep -vE "$none" | sort)
}
for s in $layouts; do
	ok "$s is written" make "$s"
	[ ! -s "$out" ] && [ ! -s "$err" ]; result $? "$s: ... without a word"
	is "$(find "$s" -name '*.part' | wc -l)" 0 "$s: no file is half there"
	awk -F'\t' 'NR == 1 { next } $3 in name && name[$3] != $4 { bad = 1 } { name[$3] = $4; seen[$4]++ }
		$3 !~ /^(-1|[0-9]+)$/ || NF < 4 { bad = 1 } END { exit bad || NR < 80 }' "$s.tsv"
	result $? "$s: the table has a name for each class" || diag "$(head -n 3 "$s.tsv")"
	is "$(head -n 1 "$s.tsv" | column 1-)" $'split\tname\tclass\tclass_name\tboxes' "$s: ... and says its columns"
	if find "$s" -iname '*.jp*g' | grep -q .; then
		is "$(on_disk "$s" | cksum)" "$(named "$s" | cksum)" "$s: the table names the images on disk, all of them"
		images=$(on_disk "$s" | wc -l)
		ok "$s: they are images" bash -c "cd '$(folder_of "$s")' && find . -iname '*.jp*g' ! -name Abyssinian_21.jpg -print0 |
			xargs -0 img-read -q files >'$scratch/images'"
		[ "$(rec-view "$scratch/images" | grep -c '"seq"')" -ge "$images" ]; result $? "$s: ... all are read"
		[ "$(rec-view "$scratch/images" | grep -oE '"(height|width)":[0-9]+' | sort -u | wc -l)" -gt 10 ]
		result $? "$s: ... of several sizes"
	fi
done
for s in cifar10 voc; do
	want=$(bytes $s)
	mv $s.tsv first
	ok "$s again" make $s -s 0
	is "$(bytes $s)" "$want" "$s: the same bytes again"
	cmp -s first $s.tsv; result $? "$s: ... and facts"
	ok "$s of another seed" img-synth --layout $s --out other --facts other.tsv -s 1
	[ "$(bytes other)" != "$want" ]; result $? "$s: another seed, another set"
	rm -rf other
done

# ---- binary files ----

# octets FILE WIDTH: a line of numbers for each record.
octets() { od -An -v -tu1 -w"$2" "$1"; }
size() { stat -c %s "$@" | paste -sd ' '; }

d=cifar10/cifar-10-batches-bin
is "$(size $d/*.bin)" "36876 36876 36876 36876 36876 122920" "cifar10: 60 and 40 images of 3,073 bytes"
is "$(cat $d/data_batch_[1-5].bin | octets - 3073 | awk '{ print $1 }' | column 1)" "$(facts cifar10 train | column 3)" \
	"cifar10: labels"
is "$(facts cifar10 test | column 2)" "$(seq 0 39 | column 1)" "cifar10: an index each"
is "$(column 1 <$d/batches.meta.txt)" "airplane automobile bird cat deer" "cifar10: names"

d=cifar100/cifar-100-binary
is "$(size $d/{train,test}.bin)" "184440 122960" "cifar100: 60 and 40 images of 3,074 bytes"
is "$(octets $d/train.bin 3074 | awk '{ print $2 }' | column 1)" "$(facts cifar100 train | column 3)" "cifar100: the second byte"
is "$(octets $d/train.bin 3074 | awk '{ print $1, $2 }' | sort -u | paste -sd,)" "0 2,1 1,2 4,3 3,4 0" "cifar100: a coarse label for each"
is "$(wc -l <$d/coarse_label_names.txt)" 20 "cifar100: names of coarse labels"
sort -c $d/fine_label_names.txt; result $? "cifar100: sorted names"

d=fc100/cifar-100-binary
few() { octets $d/"$1" 3074 | awk '{ print NR - 1 + '"$2"', $1, $2 }'; }
all() { few train.bin 0; few test.bin "$(octets $d/train.bin 3074 | wc -l)"; }
is "$(all | awk '$2 ~ /^(0|7|12|14)$/ { print $1 }' | cksum)" "$(facts fc100 all | cut -f 2 | cksum)" \
	"fc100: images of four coarse labels"
is "$(all | awk '$2 !~ /^(0|7|12|14)$/ { print $3 }' | sort -u | wc -l)" 5 "fc100: ... and others' of five more classes"
is "$(all | awk 'NR == FNR { name[NR - 1] = $1; next } $2 ~ /^(0|7|12|14)$/ { print name[$3] }' $d/fine_label_names.txt - | cksum)" \
	"$(facts fc100 all | cut -f 4 | cksum)" "fc100: their names"
[ "$(facts fc100 all | cut -f 3 | sort | uniq -c | awk '$1 >= 21' | wc -l)" = 20 ]; result $? "fc100: 20 classes of 21 or more"

d=stl10/stl10_binary
is "$(size $d/{train,test,unlabeled}_X.bin $d/{train,test}_y.bin)" "1658880 1105920 3317760 60 40" "stl10: 27,648 bytes an image"
is "$(octets $d/train_y.bin 1 | awk '{ print $1 - 1 }' | column 1)" "$(facts stl10 train | column 3)" "stl10: labels from 1"
is "$(facts stl10 unlabeled | cut -f 3 | sort -u)" -1 "stl10: ... or none"
is "$(awk '{ print NF }' $d/fold_indices.txt | column 1)" "12 12 12 12 12 12 12 12 12 12" "stl10: ten folds"
is "$(awk '{ for (i = 1; i <= NF; i++) if ($i < 0 || $i > 59 || (i > 1 && $i <= $(i - 1))) print }' $d/fold_indices.txt)" "" \
	"stl10: ... of ascending indices"
# cifar10's layout draws the same pictures, in rows: a mean over 3 x 3 pixels of a plane by columns is near them; read by
# rows, it would be their mirror.
away() # away STEP_DOWN STEP_RIGHT: the mean difference over the first ten test images
{
	paste -d' ' <(octets cifar10/cifar-10-batches-bin/test_batch.bin 3073) <(octets $d/test_X.bin 27648) | head -n 10 |
		awk -v down="$1" -v right="$2" '{
			for (i = 0; i < 3072; i++) {
				at = 3074 + int(i / 1024) * 9216 + int(i % 1024 / 32) * 3 * down + i % 32 * 3 * right
				sum = 0
				for (k = 0; k < 9; k++) sum += $(at + int(k / 3) * down + k % 3 * right)
				gap = sum / 9 - $(i + 2)
				all += gap < 0 ? -gap : gap
			}
		} END { printf "%d\n", all / NR / 3072 }'
}
[ "$(away 1 96)" -lt 8 ] && [ "$(away 96 1)" -gt 20 ]
result $? "stl10: planes by columns" || diag "$(away 1 96) $(away 96 1)"

# ---- lists ----

d=food101/food-101
is "$(column 1 <$d/meta/classes.txt)" "apple_pie beet_salad cheesecake cheese_plate creme_brulee" "food101: classes in no order of bytes"
is "$(column 1 <$d/meta/labels.txt)" "Apple pie Beet salad Cheesecake Cheese plate Creme brulee" "food101: labels"
for p in train test; do
	is "$(sed 's|.*|images/&.jpg|' $d/meta/$p.txt | cksum)" "$(facts food101 $p | cut -f 2 | cksum)" "food101: $p.txt"
	is "$(grep -oE '"[a-z_]+/[0-9]+"' $d/meta/$p.json | tr -d '"' | sort | cksum)" "$(sort $d/meta/$p.txt | cksum)" \
		"food101: $p.json has the same"
	is "$(grep -oE '"[a-z_]+": ' $d/meta/$p.json | tr -d '": ' | column 1)" \
		"cheesecake cheese_plate creme_brulee apple_pie beet_salad" \
		"food101: ... by class, in another order"
	perl -MJSON::PP -0e 'decode_json(<>)' $d/meta/$p.json; result $? "food101: ... as JSON"
done

# The last line is open; what is in it counts.
for p in Train:train Test:test; do
	list=mit67/${p%:*}Images.txt
	is "$(tail -c 4 "$list")" ".jpg" "mit67: $list ends without a newline"
	is "$( (cat "$list"; echo) | sed 's|^|Images/|' | sort | cksum)" "$(facts mit67 ${p#*:} | cut -f 2 | sort | cksum)" "mit67: $list"
	! sort -c "$list" 2>/dev/null; result $? "mit67: ... is not sorted"
done
is "$(cat mit67/T*.txt | grep -c ' ')" 5 "mit67: names with blanks"
is "$(cut -f 2 mit67-folders.tsv | cut -d/ -f 1,2 | sort | uniq -c | awk '{ print $1 }' | column 1)" "1 8 8 8 8 8 12 12 12 12 12" \
	"mit67-folders: train and test"
# kinds FOLDER: how many files begin like a JPEG in colour, like a PNG and so on, by their bytes.
kinds()
{
	find "$1" -iname '*.jp*g' -exec sh -c 'od -An -tx1 -N4 "$1" | tr -d " "' - {} \; | sort | uniq -c |
		awk '{ print $2 ":" $1 }' | column 1
}
is "$(kinds mit67)" "89504e47:1 ffd8ffe0:99" "mit67: one of them is a PNG"

d=pets/annotations
is "$(grep -c '^#' $d/list.txt)" 3 "pets: list.txt begins with remarks"
is "$(grep -v '^#' $d/list.txt | sort | cksum)" "$(sort $d/trainval.txt $d/test.txt | cksum)" "pets: ... and has all"
is "$(awk '{ print "images/" $1 ".jpg", $2 - 1 }' $d/trainval.txt | cksum)" \
	"$(facts pets trainval | awk -F'\t' '{ print $2, $3 }' | cksum)" \
	"pets: trainval.txt"
is "$(awk '{ sub(/_[0-9]+$/, "", $1); print }' $d/test.txt | sort -u | paste -sd,)" \
	"Abyssinian 1 1 1,Bengal 4 1 2,american_bulldog 2 2 1,beagle 3 2 2,yorkshire_terrier 5 2 3" "pets: class, species, breed"
is "$(inside pets/images | grep -c mat) $(kinds pets)" "1 47494638:1 89504e47:1 ffd8ffe0:99" "pets: a .mat, a GIF and a PNG"
grep -q 'Abyssinian_2 ' $d/trainval.txt $d/test.txt && ! grep -q 'Abyssinian_21 ' $d/*.txt
result $? "pets: the PNG is listed and the GIF is not"

is "$(inside caltech101/101_ObjectCategories | column 1)" "BACKGROUND_Google Faces Faces_easy Leopards accordion wrench" \
	"caltech101: classes"
is "$(cut -f 1,4 caltech101.tsv | tail -n +2 | uniq -c | awk '{ print $1, $3 }' | paste -sd,)" \
	"36 Faces,36 Faces_easy,36 Leopards,36 accordion,36 wrench" "caltech101: 36 each, without the background"

d=aircraft/fgvc-aircraft-2013b/data
for p in train val test; do
	is "$(awk '{ id = $1; sub(/^[^ ]+ /, ""); print "images/" id ".jpg " $0 }' $d/images_variant_$p.txt | sed 's|^|data/|' | cksum)" \
		"$(facts aircraft $p | awk -F'\t' '{ print $2, $4 }' | cksum)" "aircraft: $p"
done
is "$(sort $d/images_variant_trainval.txt | cksum)" "$(sort $d/images_variant_{train,val}.txt | cksum)" "aircraft: trainval is both"
is "$(cut -f 1 aircraft.tsv | sort | uniq -c | awk '{ print $2 ":" $1 }' | column 1)" "split:1 test:40 train:30 val:30" \
	"aircraft: halves"
is "$(facts aircraft test | cut -f 3,4 | sort -u | cut -f 2 | paste -sd,)" "$(paste -sd, $d/variants.txt)" \
	"aircraft: classes in variants.txt's order"
! sort -c $d/variants.txt 2>/dev/null && grep -q / $d/variants.txt; result $? "aircraft: ... no sorted one, with a slash"
is "$(cut -d' ' -f 1 $d/images_variant_*.txt | grep -vcE '^0[0-9]{6}$')" 0 "aircraft: ids begin with zeros"
is "$(awk '{ print "data/images/" $1 ".jpg " $2 - 1 "," $3 - 1 "," $4 - $2 + 1 "," $5 - $3 + 1 }' $d/images_box.txt | sort | cksum)" \
	"$(facts aircraft "" | awk -F'\t' '{ sub(/,[^,]+$/, "", $5); print $2, $5 }' | sort | cksum)" \
	"aircraft: boxes"

d=dtd/dtd
for p in train val test; do
	is "$(sed 's|^|images/|' $d/labels/${p}1.txt | cksum)" "$(facts dtd $p | cut -f 2 | cksum)" "dtd: ${p}1.txt"
done
is "$(for k in 1 2 3 4 5 6 7 8 9 10; do sort -u $d/labels/{train,val,test}$k.txt | wc -l; done | column 1)" \
	"100 100 100 100 100 100 100 100 100 100" "dtd: ten splits, each of all"
is "$(cksum $d/labels/test*.txt | cut -d' ' -f 1 | sort -u | wc -l)" 10 "dtd: ... no two alike"

d=sun397/SUN397
is "$(paste -sd ' ' $d/ClassName.txt)" "/a/abbey /a/apartment_building/outdoor /b/bar /b/barn /b/bow_window/indoor" "sun397: classes"
is "$(cut -c 2- $d/Training_01.txt | cksum) $(cut -c 2- $d/Testing_01.txt | cksum)" \
	"$(facts sun397 train | cut -f 2 | cksum) $(facts sun397 test | cut -f 2 | cksum)" "sun397: lists"
is "$(facts sun397 train | awk -F'\t' '{ sub(/\/[^\/]*$/, "", $2); print ("/" $2 == $4) }' | sort -u)" 1 \
	"sun397: a class is the path before the file"
is "$(kinds sun397)" "89504e47:1 ffd8ffe0:119" "sun397: one is no JPEG"

d=cub200/CUB_200_2011
n=$(wc -l <$d/images.txt)
is "$n $(wc -l <$d/image_class_labels.txt) $(wc -l <$d/train_test_split.txt) $(wc -l <$d/bounding_boxes.txt)" "110 110 110 110" \
	"cub200: a line for each"
is "$(cat $d/{images,image_class_labels,train_test_split,bounding_boxes}.txt | cut -d' ' -f 1 | uniq -c |
	awk '{ s += $1 } END { print s, NR }')" "440 440" \
	"cub200: ... numbered from 1"
is "$(paste -d' ' $d/images.txt $d/image_class_labels.txt $d/train_test_split.txt $d/bounding_boxes.txt |
	awk '{ print ($6 ? "train" : "test") "\timages/" $2 "\t" $4 - 1 "\t" $8 + 0 "," $9 + 0 "," $10 + 0 "," $11 + 0 }' |
	cksum)" \
	"$(facts cub200 "" | cut -f 1-3,5 | sed 's/,[^,]*$//' | cksum)" "cub200: split, image, label and box in the order of images.txt"
is "$(awk '{ print $2 }' $d/classes.txt | cksum)" "$(inside $d/images | cksum)" "cub200: classes"
! sort -c -k 2 $d/images.txt 2>/dev/null; result $? "cub200: images.txt is not sorted in a class"
like "$(cat $d/bounding_boxes.txt)" '^110( [0-9]+\.0){4}$' "cub200: boxes have a decimal"

is "$(find imagenet/train -name '*.JPEG' | wc -l) $(find imagenet/val -name '*.JPEG' | wc -l) $(kinds imagenet)" \
	"60 40 89504e47:1 ffd8ffe0:98 ffd8ffee:1" "imagenet: a PNG, and a JPEG in Adobe's CMYK"
is "$(facts imagenet val | cut -f 3,4 | uniq | cut -f 2 | column 1)" "$(inside imagenet/train | column 1)" "imagenet: sorted folders"
is "$(facts imagenet100 val | cut -f 3,4 | uniq | cut -f 2 | column 1)" "$(column 1 <imagenet100/imagenet100.txt)" \
	"imagenet100: the label is the line"
! sort -c imagenet100/imagenet100.txt 2>/dev/null; result $? "imagenet100: ... which are not sorted"
beyond() { inside "imagenet100/$1" | grep -vcxFf imagenet100/imagenet100.txt; }
is "$(beyond train) $(beyond val)" "2 2" \
	"imagenet100: two folders are of no class"

is "$(inside plant-disease/train)" "Apple___Apple_scab
Cherry_(including_sour)___healthy
Corn_(maize)___Cercospora_leaf_spot Gray_leaf_spot
Orange___Haunglongbing_(Citrus_greening)
Pepper,_bell___Bacterial_spot" "plant-disease: names"
is "$(cut -f 3 plant-disease.tsv | sort | uniq -c | awk '{ print $1 }' | column 1)" "22 22 22 22 22 1" "plant-disease: 22 of a class"

# ---- MATLAB files ----

# mat FILE NAME: the matrix of that name, a line for each row of a struct, cell or list of numbers: the whole format as far as
# it is used, by itself. A line of a struct is field=value, in order.
mat()
{
	perl -e '
		use strict;
		my ($file, $want) = @ARGV;
		open my $f, "<:raw", $file or die; local $/; my $all = <$f>;
		die "head" unless $all =~ /^MATLAB 5\.0 MAT-file/ && substr($all, 124, 4) eq "\0\1IM";
		sub element { # of a text at a place: type, bytes, the place behind
			my ($t, $at) = @_;
			my ($type, $n) = unpack("V2", substr($t, $at, 8));
			return ($type & 0xffff, substr($t, $at + 4, $type >> 16), $at + 8) if $type >> 16;
			die "size" if length($t) < $at + 8 + $n;
			return ($type, substr($t, $at + 8, $n), $at + 8 + 8 * int(($n + 7) / 8));
		}
		sub numbers { my ($type, $b) = @_; return unpack({2 => "C*", 4 => "v*", 5 => "V*", 6 => "V*"}->{$type}, $b) }
		sub matrix { # name, then lines
			my $m = shift;
			my (@part, @line); my ($at, $k) = (0, 0);
			while ($at < length $m) { my ($type, $b, $to) = element($m, $at); push @part, [$type, $b]; $at = $to; }
			die "rest" if $at != length $m;
			my ($class) = numbers(@{$part[0]}); my ($rows, $columns) = numbers(@{$part[1]});
			my $name = $part[2][1];
			if ($class == 6) { @line = numbers(@{$part[3]}); die "count" if @line != $rows * $columns; }
			if ($class == 4) { @line = ($part[3][1]); die "text" if length $line[0] != $columns; }
			if ($class == 1) {
				@line = map { (matrix($_->[1]))[1] } @part[3 .. $#part];
				die "cells" if @line != $rows * $columns;
			}
			if ($class == 2) {
				my ($width) = numbers(@{$part[3]});
				my @field = unpack("(Z$width)*", $part[4][1]);
				my @value = map { (matrix($_->[1]))[1] } @part[5 .. $#part];
				die "structs" if @value != @field * $rows * $columns;
				push @line, join " ", map { $field[$_] . "=" . shift @value } 0 .. $#field while @value;
			}
			return ($name, @line);
		}
		for (my $at = 128; $at < length $all;) {
			my ($type, $b, $to) = element($all, $at);
			die "matrix" unless $type == 14;
			my ($name, @line) = matrix($b);
			print map { "$_\n" } @line if $name eq $want;
			$at = $to;
		}' "$1" "$2"
}

# By the lists of numbers and the labels of these: the tables of train, val, test.
flower()
{
	mat flowers102/setid.mat "$1" |
		awk 'NR == FNR { label[NR] = $1; next } { printf "jpg/image_%05d.jpg\t%d\n", $1, label[$1] - 1 }' \
			<(mat flowers102/imagelabels.mat labels) -
}
for p in trnid:train valid:val tstid:test; do
	is "$(flower ${p%:*} | cksum)" "$(facts flowers102 ${p#*:} | cut -f 2,3 | cksum)" "flowers102: ${p%:*}"
	! mat flowers102/setid.mat ${p%:*} | sort -nc 2>/dev/null; result $? "flowers102: ... is not sorted"
done
is "$(mat flowers102/imagelabels.mat labels | wc -l) $(wc -l <flowers102.tsv) $(facts flowers102 val | wc -l)" "140 141 50" \
	"flowers102: a label each"
is "$(inside flowers102-folders/trn | column 1)" "1 10 11 2 3 4 5 6 7 8 9" "flowers102-folders: numbers in the order of their bytes"
is "$(facts flowers102-folders val | cut -f 2,3 | sed 's|/[^/]*\t| |' | uniq -c | awk '{ print $1, $2, $3 }' | paste -sd,)" \
	"10 val/1 0,10 val/10 1,10 val/11 2,10 val/2 3,10 val/3 4,10 val/4 5,10 val/5 6,10 val/6 7,10 val/7 8,10 val/8 9,10 val/9 10" \
	"flowers102-folders: ... which are the classes"

is "$(mat cars/devkit/cars_meta.mat class_names | paste -sd ';')" \
	"AM General Hummer SUV 2000;Acura RL Sedan 2012;BMW M3 Coupe 2012;Ram C/V Cargo Van Minivan 2012;smart fortwo Convertible 2012" \
	"cars: names"
# A table's line as the annotation that says it.
annotations() # annotations SPLIT LABELS
{
	facts cars "$1" | awk -F'\t' -v labels="$2" '{ split($5, b, ","); sub(/.*\//, "", $2)
		printf "bbox_x1=%d bbox_y1=%d bbox_x2=%d bbox_y2=%d ", b[1] + 1, b[2] + 1, b[1] + b[3], b[2] + b[4]
		if (labels) printf "class=%d ", $3 + 1
		print "fname=" $2 }'
}
while read -r file split labels; do
	is "$(mat "cars/$file.mat" annotations | cksum)" "$(annotations "$split" "$labels" | cksum)" "cars: $file"
done <<-END
	devkit/cars_train_annos train 1
	devkit/cars_test_annos test
	cars_test_annos_withlabels test 1
END
[ "$(facts cars train | cut -f 3 | uniq | wc -l)" -gt 20 ]; result $? "cars: in no order of classes"
is "$(inside cars-folders/test | grep -c 'Ram C-V Cargo Van')" 1 "cars-folders: a folder has no slash"

for p in train test; do
	list=dogs/${p}_list.mat
	is "$(paste <(mat "$list" file_list | sed 's|^|Images/|') <(mat "$list" labels | awk '{ print $1 - 1 }') | cksum)" \
		"$(facts dogs $p | cut -f 2,3 | cksum)" "dogs: ${p}_list.mat"
	is "$(mat "$list" annotation_list | sed 's/$/.jpg/' | cksum)" "$(mat "$list" file_list | cksum)" \
		"dogs: ... names the boxes' files"
done
transparent() { find dogs -name '*.jpg' -exec sh -c 'od -An -tu1 -j25 -N1 "$1"' - {} \; | grep -cx '  *6'; } # of a PNG
is "$(kinds dogs) $(transparent)" "89504e47:1 ffd8ffe0:119 1" \
	"dogs: one is a PNG with transparency"
ok "more images than a byte counts" img-synth --layout flowers102 --out wide --classes 3 --train 96 --test 4 --size 16 --facts wide.tsv
is "$(mat wide/setid.mat valid | awk '{ printf "jpg/image_%05d.jpg\n", $1 }' | cksum)" "$(facts wide val | cut -f 2 | cksum)" \
	"... have numbers of two bytes"
is "$(mat pets/images/Abyssinian_1.mat x)" 1 "pets: the .mat is one"

# ---- boxes as XML ----

d=voc/VOCdevkit/VOC2007
for p in train val trainval test; do
	is "$(tr -d '\r' <$d/ImageSets/Main/$p.txt | sed 's|.*|VOC2007/JPEGImages/&.jpg|' | cksum)" "$(facts voc $p | cut -f 2 | cksum)" \
		"voc: $p.txt"
	is "$(grep -vc $'\r$' $d/ImageSets/Main/$p.txt)" 0 "voc: ... ends its lines by CR LF"
done
# From the XML, by line: id, then the boxes; a part's box has one tab more.
boxes() # boxes FILE: as in the table
{
	awk -F'[<>]' '/^\t\t<bndbox>/ { on = 1 }
		/^\t\t<\/bndbox>/ { on = 0; printf " %d,%d,%d,%d,%s", x - 1, y - 1, X - x + 1, Y - y + 1, name }
		/^\t\t<name>/ { name = $3 }
		on && $2 == "xmin" { x = $3 } on && $2 == "ymin" { y = $3 } on && $2 == "xmax" { X = $3 }
		on && $2 == "ymax" { Y = $3 }' "$1"
}
for f in "$d"/Annotations/*.xml; do f=${f##*/}; echo "${f%.xml}$(boxes "$d/Annotations/$f")"; done >xml
(facts voc trainval; facts voc test) | awk -F'\t' '{ sub(/.*\//, "", $2); sub(/\.jpg/, "", $2); printf "%s", $2
	for (i = 5; i <= NF; i++) printf " %s", $i; print "" }' | sort >table
cmp -s xml table; result $? "voc: boxes" || diag "$(diff xml table | head -n 5)"
[ "$(awk 'NF == 3' xml | wc -l)" -gt 20 ]; result $? "voc: ... up to two"
is "$(cat "$d"/Annotations/*.xml | awk -F'[<>]' '$2 == "width" { w = $3 } $2 == "height" { h = $3 } $2 ~ /^[xy]min$/ && $3 < 1 { print }
	$2 == "xmax" && $3 > w { print } $2 == "ymax" && $3 > h { print }')" "" "voc: ... inside the images"
(cd "$d/JPEGImages" && img-read -q files ./*.jpg) | rec-view |
	sed -nE 's/.*"image":\{[^}]*"height":([0-9]+),"width":([0-9]+)\}.*/\1\t\2/p' | sort >sizes
cat "$d"/Annotations/*.xml | awk -F'[<>]' '$2 == "width" { w = $3 } $2 == "height" { print $3 "\t" w }' | sort | cmp -s - sizes
result $? "voc: ... whose sizes they say" || diag "$(head -n 3 sizes)"
wrong=""
for c in aeroplane bicycle car person tvmonitor; do
	for p in train val trainval test; do
		is_there=$(tr -d '\r' <"$d/ImageSets/Main/${c}_$p.txt" | awk '$2 >= 0 { print $1 }' | column 1)
		wanted=$(tr -d '\r' <"$d/ImageSets/Main/$p.txt" | while read -r id; do
			grep -q "^..<name>$c<" "$d/Annotations/$id.xml" && echo "$id"
		done | column 1)
		[ "$is_there" = "$wanted" ] || wrong+="${c}_$p "
	done
done
is "$wrong" "" "voc: each class's lists say where it is"
like "$(cat $d/ImageSets/Main/*_trainval.txt)" $'^[0-9]{6}  0\r$' "voc: ... or only with difficulty"
grep -q '^...<name>head<' $d/Annotations/*.xml; result $? "voc: a person's part has a box of its own"

# pets' heads: the same arithmetic, on one line.
for f in pets/annotations/xmls/*.xml; do
	sed -E 's/.*<xmin>([0-9]+)<.*<ymin>([0-9]+)<.*<xmax>([0-9]+)<.*<ymax>([0-9]+)<.*/\1 \2 \3 \4/' "$f" |
		awk -v n="$(basename "$f" .xml)" '{ print "images/" n ".jpg " $1 - 1 "," $2 - 1 "," $3 - $1 + 1 "," $4 - $2 + 1 }'
done | sort >xml
facts pets trainval | awk -F'\t' '{ sub(/,[^,]+$/, "", $5); print $2, $5 }' | sort | cmp -s - xml; result $? "pets: heads of trainval"

# ---- what an image shows ----

# A class is a colour and a shape: colours and shapes alone, 8 x 8 pixels, tell it.
ok "a larger set" img-synth --layout cifar10 --out big --train 80 --test 40 --classes 10
for p in train test; do
	img-read -q cifar10 big/cifar-10-batches-bin --split $p 2>/dev/null | feat-extract -q --pixels --size 8 >"$p.feat"
done
score=$(linprobe -q --train train.feat --test test.feat 2>/dev/null | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
awk -v s="$score" 'BEGIN { exit !(s > 40) }'; result $? "a linear probe learns the classes ($score %)" # 10 % by chance

# ---- what is asked for ----

ok "counts" img-synth --layout dtd --out small --classes 7 --train 4 --test 3 --size 24 --facts small/facts.tsv
is "$(cut -f 1 small/facts.tsv | sort | uniq -c | awk '{ print $2 ":" $1 }' | column 1)" "split:1 test:21 train:14 val:14" "... are kept"
is "$(inside small/dtd/images | column 1)" "banded blotchy cobwebbed polka-dotted woven_006 woven_007 zigzagged" \
	"... further classes have names"
must_fail 2 "a layout that is none" img-synth --layout cifar --out x
must_fail 2 "nowhere to go" img-synth --layout dtd
must_fail 2 "more classes than there are" img-synth --layout cifar10 --out x --classes 11
must_fail 2 "images too small" img-synth --layout dtd --out x --size 10
must_fail 2 "a count as of a stream" img-synth --layout dtd --out x --count 3
must_fail 2 "no layout to write out" img-synth --out x
must_fail 2 "... nor to tell of" img-synth --count 3 --facts x
[ ! -e x ]; result $? "nothing was written"
must_fail 1 "a folder that cannot be" img-synth --layout dtd --out /dev/null
must_fail 1 "a table that cannot be" img-synth --layout dtd --out x --facts no/such/table
done_testing
