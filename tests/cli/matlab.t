#!/usr/bin/env bash
# Sets with lists of MATLAB: small files by SciPy (tests/golden/matlab.py) and by img-synth, the genuine lists, the library that
# reads them, which only img-read loads, and a build without it.
. "${0%/*}/../lib.sh"
. "$top/tests/sets.sh"
golden=$top/tests/golden/matlab
grep -q AS_LATE_matio "$BUILD/libraries.mk" || skip_all "built without libmatio (package libmatio-dev)"

# Oxford Flowers.
mkdir -p own/flowers-102 && cp "$golden/imagelabels.mat" "$golden/setid.mat" own/flowers-102
printf 'image_%05d.jpg\n' {1..6} | jpegs 2 2 own/flowers-102/jpg
is "$(for s in train val test trainval; do told flowers102 own --split $s | paste -sd,; done | paste -sd' ' | sed 's/image_0000//g')" \
	"5.jpg 1,2.jpg 0 1.jpg 1 6.jpg 0,4.jpg 2,3.jpg 2 5.jpg 1,2.jpg 0,1.jpg 1" "flowers102: each split in the order of its list"
is "$(classes flowers102 own/flowers-102)" "1,2,3" "its own folder; classes have numbers"
is "$(words flowers102 own)" " 2 images to train, the published set has 1020" "a count that differs is said"
cp "$golden/cars_meta.mat" own/flowers-102/imagelabels.mat
must_fail 1 "another file of MATLAB" img-read flowers102 own
is "$(cat "$err")" "img-read: own/flowers-102/imagelabels.mat: no variable labels in it" "is told what it lacks"
cp "$golden/four.mat" own/flowers-102/imagelabels.mat
must_fail 1 "version 4" img-read flowers102 own
like "$(cat "$err")" '/imagelabels.mat: a MATLAB file of version 4; .* version 5: save -v7 writes them$' "is told"
(head -c 512 "$golden/odd.mat" && printf '\211HDF\r\n\032\n') >own/flowers-102/imagelabels.mat
must_fail 1 "version 7.3" img-read flowers102 own
like "$(cat "$err")" '/imagelabels.mat: a MATLAB file of version 7.3, which is HDF5; ' "is told"
: >own/flowers-102/imagelabels.mat
must_fail 1 "an empty file" img-read flowers102 own
like "$(cat "$err")" '/imagelabels.mat: no MATLAB file of version 5, but an empty file' "is told"
rm own/flowers-102/imagelabels.mat
must_fail 1 "none" img-read flowers102 own
like "$(cat "$err")" '^img-read: own/flowers-102/imagelabels.mat: No such file' "is told"
printf '%s\n' trn/10/b.jpg trn/10/a.jpg trn/2/c.jpg val/2/d.jpg tst/10/e.jpg | jpegs 2 2 folders
is "$(for s in train val test trainval; do told flowers102 folders --split $s | paste -sd,; done | paste -sd' ')
$(classes flowers102 folders)" \
	"trn/10/a.jpg 0,trn/10/b.jpg 0,trn/2/c.jpg 1 val/2/d.jpg 1 tst/10/e.jpg 0 \
trn/10/a.jpg 0,trn/10/b.jpg 0,trn/2/c.jpg 1,val/2/d.jpg 1
10,2" "folders trn, val and tst"
must_fail 1 "nothing of it" img-read flowers102 own/flowers-102/jpg
like "$(cat "$err")" 'no setid.mat or trn/ there .*; found image_00001.jpg, .*; to fetch: 102flowers.tgz, imagelabels.mat' "is told"

# Stanford Cars: the devkit, with and without the classes of the test images; class folders.
mkdir -p own/cars/devkit && cp "$golden"/cars_{meta,train_annos,test_annos}.mat own/cars/devkit
printf '%s\n' cars_train/0000{1,2,3}.jpg cars_test/0000{1,2}.jpg | jpegs 2 2 own/cars
is "$(told cars own --split trainval | paste -sd,)" "cars_train/00001.jpg 1,cars_train/00002.jpg 0,cars_train/00003.jpg 1" \
	"cars: the devkit's list"
is "$( (told cars own; told cars own --split val) | sort)" "$(told cars own --split trainval | sort)" "train and val are all"
is "$(classes cars own)" "Audi A4,Ram C/V Van é" "a class with a slash, and one beyond ASCII"
is "$(told cars own --split test | paste -sd,)" "cars_test/00001.jpg -1,cars_test/00002.jpg -1" "the devkit's test list has no classes"
like "$(words cars own --split test)" '^ no classes in devkit/cars_test_annos.mat, so all labels are -1: ' "which is said"
cp "$golden/cars_test_annos_withlabels.mat" own/cars
is "$(told cars own/cars --split test | paste -sd,)" "cars_test/00001.jpg 0,cars_test/00002.jpg 1" "another list has them"
printf '%s\n' {train,test}/{"Audi A4","Ram C-V"}/1.jpg | jpegs 2 2 repacked/car_data
is "$(told cars repacked --split test | paste -sd,) $(classes cars repacked)" \
	"test/Audi A4/1.jpg 0,test/Ram C-V/1.jpg 1 Audi A4,Ram C-V" "class folders"
cp "$golden/cars_meta.mat" own/cars/devkit/cars_train_annos.mat
must_fail 1 "a list that is another" img-read cars own

# Stanford Dogs.
mkdir -p own/dogs/lists && cp "$golden"/{train,test}_list.mat own/dogs/lists
printf '%s\n' n2-Chow/n2_{9,1,2}.jpg n1-Puli/n1_{4,5}.jpg | jpegs 2 2 own/dogs/Images
is "$(told dogs own --split trainval | paste -sd,) $(classes dogs own)" \
	"n2-Chow/n2_9.jpg 1,n2-Chow/n2_1.jpg 1,n1-Puli/n1_4.jpg 0 n1-Puli,n2-Chow" "dogs: cells and numbers that are doubles"
is "$(told dogs own --split test | paste -sd,)" "n1-Puli/n1_5.jpg 0,n2-Chow/n2_2.jpg 1" "the other list"
is "$( (told dogs own; told dogs own --split val) | sort)" "$(told dogs own --split trainval | sort)" "train and val are all"
printf '2\n0\n' >indices
is "$(told dogs own --split-from indices | paste -sd,)" "n1-Puli/n1_4.jpg 0,n2-Chow/n2_9.jpg 1" \
	"a published split counts the training images"
mv own/dogs/lists/* own/dogs && rmdir own/dogs/lists
is "$(told dogs own | wc -l)" "$(told dogs own/dogs | wc -l)" "lists beside Images"

# What img-synth lays out by the published sets' description, with a writer of its own, and its table of facts.
# agrees LAYOUT SET SPLIT OURS FOLDER: the facts' split is what we read as OURS, whose names begin in FOLDER.
agrees()
{
	is "$(told "$2" "laid/$1" --split "$4")" \
		"$(awk -F'\t' -v its="$3" -v folder="$5" '$1 == its { sub("^" folder, "", $2); print $2, $3 }' "$1.tsv")" \
		"img-synth's $1: $4"
	[ "$(told "$2" "laid/$1" --split "$4" | wc -l)" -gt 20 ]; result $? "... of more than a few images"
}
for s in flowers102 flowers102-folders cars cars-folders dogs; do
	img-synth -q --layout $s --out laid/$s --facts $s.tsv
done
for s in train val test; do
	agrees flowers102 flowers102 $s $s jpg/
	agrees flowers102-folders flowers102 $s $s ""
done
for s in train:trainval test:test; do
	agrees cars cars ${s%:*} ${s#*:} ""
	agrees cars-folders cars ${s%:*} ${s#*:} ""
	agrees dogs dogs ${s%:*} ${s#*:} Images/
done
is "$(classes dogs laid/dogs)" "$(awk -F'\t' 'NR > 1 && !seen[$3]++ { print $3, $4 }' dogs.tsv | sort -n | cut -d' ' -f2- | paste -sd,)" \
	"and the names of the classes"

# Only img-read has to do with the library, and it loads it when it opens such a set.
loaded=""
for p in "$BUILD"/bin/* "$BUILD"/libaugself.so; do
	loaded+=$(objdump -p "$p" | grep -E 'NEEDED +lib(matio|hdf5|expat)')
done
is "$loaded" "" "no program and no library of ours needs libmatio or expat"
# shellcheck disable=SC2046
is "$(cd "$BUILD/bin" && grep -lE 'libmatio|libexpat' $(ls) | paste -sd' ')" img-read "img-read alone knows their names"
[ "$(LD_DEBUG=files img-read flowers102 folders 2>&1 >/dev/null | grep -c 'libc\.')" -gt 0 ]; result $? "what it loads can be seen"
[ "$(LD_DEBUG=files img-read cars own 2>&1 >/dev/null | grep -c libmatio)" -gt 0 ]; result $? "it loads libmatio for a list of MATLAB"
is "$(LD_DEBUG=files img-read folder folders/trn 2>&1 >/dev/null | grep -cE 'lib(matio|expat)')" 0 "and loads them not for a folder"

# Without the libraries: the same programs, in which the two files are compiled as if they were not here.
cp "$golden/imagelabels.mat" own/flowers-102
case $BUILD in
*aarch64*) skip "without the libraries" "another machine's" ;;
*)
	ok "without the libraries it is built without a warning" bare img-read data/mat.c data/xml.c
	must_fail 1 "MATLAB without libmatio" ./img-read-bare flowers102 own
	is "$(cut -d: -f3- "$err")" \
		" to read MATLAB files augself must be built with libmatio: install the package libmatio-dev and run make again" \
		"is told what to install"
	ok "what needs none is read" ./img-read-bare flowers102 folders
	mkdir -p voc/ImageSets/Main voc/Annotations voc/JPEGImages
	echo 1 >voc/ImageSets/Main/train.txt && echo '<a/>' >voc/Annotations/1.xml
	must_fail 1 "XML without expat" ./img-read-bare voc voc
	like "$(cat "$err")" '1.xml: to read XML augself must be built with expat: install the package libexpat1-dev and run make again$' \
		"is told too"
	;;
esac

# The genuine lists: what SciPy reads in them (tests/golden/matlab.py --genuine).
if [ -e "$data/lists.tar.xz" ]; then
	tar -xf "$data/lists.tar.xz"
	mkdir -p genuine/flowers102 genuine/cars/devkit
	cp lists/flowers_imagelabels.floralvision.mat genuine/flowers102/imagelabels.mat
	cp lists/flowers_setid.floralvision.mat genuine/flowers102/setid.mat
	for f in meta train_annos test_annos; do cp lists/cars_cars_$f.mat genuine/cars/devkit/cars_$f.mat; done
	while read -r set split images sum _; do
		case $split in
		classes) # an image of each, so that a stream with their names can be written
			told cars genuine --split trainval --per-class 1 | cut -d' ' -f1 | jpegs 2 2 genuine/cars
			classes cars genuine --split trainval --per-class 1 | tr , '\n' >got ;;
		*) told "$set" genuine --split "$split" >got ;;
		esac
		is "$(wc -l <got) $(sha256sum <got | cut -d' ' -f1)" "$images $sum" \
			"genuine $set $split: $images of $images as SciPy reads them"
		[ "$split" = classes ] || is "$(grep -c 'published set' "$scratch/words")" 0 "... which is as many as were published"
	done <"$top/tests/golden/matlab.txt"
	# The same list was published as a table, too.
	is "$(told cars genuine --split trainval | sed 's/.*\///')" \
		"$(awk -F, 'NR > 1 { print $1, $2 }' lists/cars_train_annos.csv | sort)" "cars: the labels of a table"
	is "$(told cars genuine | wc -l) $(told cars genuine --split val | wc -l)" "7000 1144" "cars: train and val"
else
	skip "the genuine lists" "no $data/lists.tar.xz"
fi
done_testing
