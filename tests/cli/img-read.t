#!/usr/bin/env bash
# img-read: every kind of dataset, the order, bad images, and real data where it is.
. "${0%/*}/../lib.sh"
data=$top/../shared/data

img-synth -q --cifar synth --count 100
records() { img-read -q "$@" 2>/dev/null | rec-view - | grep '"seq"'; }
# values KEY ARGUMENTS...: of each record, on one line.
values() { records "${@:2}" | grep -oE "\"$1\":(\"[^\"]*\"|[0-9-]+)" | cut -d: -f2 | tr -d '"' | paste -sd' '; }
header() { img-read -q "$@" 2>/dev/null | rec-view - | head -n 1; }

# CIFAR: the splits.
is "$(records cifar10 synth | wc -l) $(records cifar10 synth --split val | wc -l) $(records cifar10 synth --split test | wc -l)" \
	"90 10 20" "cifar10: train, val and test"
is "$( (values id cifar10 synth; values id cifar10 synth --split val) | tr ' ' '\n' | sort -n | paste -sd' ')" \
	"$(seq -s' ' 0 99)" "train and val together are all"
is "$(values id cifar10 synth --split trainval)" "$(seq -s' ' 0 99)" "trainval is in the files' order"
like "$(header cifar10 synth)" '"classes":\["circle","ring"' "class names are in the header"

# The order.
all=$(records cifar10 synth --shuffle --epochs 3 --limit 10)
is "$(values seq cifar10 synth --shuffle --epochs 3 --limit 10)" "$(seq -s' ' 0 29)" "seq counts on over the epochs"
is "$(values id cifar10 synth --split trainval --shuffle --limit 10 | tr ' ' '\n' | sort -n | paste -sd' ')" "$(seq -s' ' 0 9)" \
	"--limit takes the first images, before the shuffle"
is "$(for i in 1 2 3 4; do records cifar10 synth --shuffle --epochs 3 --limit 10 --shard $i/4; done | sort)" \
	"$(sort <<<"$all")" "four shards are the whole"
like "$(header cifar10 synth --shard 4/4 --limit 10)" '"records":10,"epochs":1,"shard":\[4,4\]' "a shard's header says whose it is"
is "$(records cifar10 synth --shuffle --epochs 3 --limit 10 --after none)" "$all" "--after a state that is not there"

# state SEQ: a state, as 0.1.0 wrote them without a checksum, with nothing in it but its place.
state()
{
	local json="{\"__metadata__\":{\"format\":\"augself-state 1\",\"seq\":\"$1\"}}"
	printf "\\x$(printf %02x ${#json})\\0\\0\\0\\0\\0\\0\\0%s" "$json" >state
}
state 13
is "$(records cifar10 synth --shuffle --epochs 3 --limit 10 --after state)" "$(tail -n +14 <<<"$all")" \
	"--after goes on in the midst of an epoch"
state 30
is "$(records cifar10 synth --shuffle --epochs 3 --limit 10 --after state)" "" "--after the end: no records"
like "$(img-read -q cifar10 synth --limit 10 --after state 2>&1 >/dev/null)" \
	'^img-read: state: of augself 0.1.0, which gave files no checksum' \
	"a state of 0.1.0 is told"
ok "which is no error" img-read cifar10 synth --epochs 3 --limit 10 --after state
state x
must_fail 1 "--after a state whose seq is no number" img-read cifar10 synth --after state
is "$(img-read -q --epochs 0 cifar10 synth 2>/dev/null | head -c 1000000 | wc -c)" 1000000 "--epochs 0 is endless"

# Folders, lists, files; what is decoded here.
mkdir -p set/train/a "set/train/b c" set/test/a
printf 'P6 2 1 255\nabcdef' | tee set/train/a/2.ppm "set/train/b c/1.ppm" >set/test/a/3.ppm
printf 'P5 1 2 255\nab' >set/train/a/1.pgm
is "$(values name folder set)" "train/a/1.pgm train/a/2.ppm train/b c/1.ppm" "folder: train is the usual split"
is "$(values label folder set)" "0 0 1" "folder: labels"
is "$(values name folder set --split test)" "test/a/3.ppm" "folder: --split test"
is "$(values name folder set/train)" "a/1.pgm a/2.ppm b c/1.ppm" "folder: without splits"
mv set moved
is "$(img-read -q folder moved | cksum)" "$(mv moved set; img-read -q folder "$PWD/set" | cksum)" \
	"where a dataset lies is not in the stream"
printf 'train/b c/1.ppm 5\n\ntrain/a/2.ppm 3\n' >set/list
is "$(values label list set/list)" "5 3" "list"
printf 'train/a/2.ppm 3\nbroken\n' >set/list
must_fail 1 "a broken list" img-read list set/list
like "$(cat "$err")" '^img-read: set/list:2: ' "which names its line"
is "$(values name files set/train/a/2.ppm set/test/a/3.ppm)" "2.ppm 3.ppm" "files"

# What a file is, its first bytes say; folders go before names. One file of each kind.
ppm='P6 1 1 255\nabc'
jpeg='\377\330'
jpeg+='\377\333\000\103\000'$(printf '\\001%.0s' {1..64})
jpeg+='\377\300\000\013\010\000\010\000\010\001\001\021\000\377\332\000\010\001\001\000\000\077\000\050\240\377\331'
webp='RIFF\036\000\000\000WEBPVP8L\021\000\000\000\057\000\000\000\000\007\120\205\042\327\243\377\201\210\350\177\000\000'
heic='\000\000\000\030ftypheic\000\000\000\000'
mkdir -p "mess/b.jpg" mess/cat/deep mess/dog mess/void mess/nil mess/.hidden
for f in b.jpg/a.jfif b.jpg/b.JPE cat/c.jpg cat/noending cat/d.dat; do printf %b "$jpeg" >"mess/$f"; done
printf %b "$webp" >mess/cat/w.webp
printf %b "$webp" >mess/dog/named.tif
printf %b "$ppm" | tee mess/cat/deep/p.ppm mess/.hidden/x.ppm >mess/stray.ppm
printf %b "$heic" | tee mess/cat/2.heic mess/cat/1.HEIC >mess/dog/3
printf 'II*\000\010\000\000\000' | tee mess/cat/DSC_1.NEF >mess/cat/t.tif
printf 'GIF89a\001\000\001\000' >mess/dog/g.gif
printf 'BM\066\000\000\000\000\000\000\000\066\000\000\000\050\000\000\000' >mess/dog/b.bmp
echo 'BMW and cars' | tee mess/cat/notes.txt mess/dog/Thumbs.db mess/dog/.DS_Store >mess/README
mkfifo mess/dog/pipe.jpg
is "$(values name folder mess)" \
	"b.jpg/a.jfif b.jpg/b.JPE cat/c.jpg cat/d.dat cat/deep/p.ppm cat/noending cat/w.webp dog/named.tif" \
	"folder: what the first bytes say, whatever the name; a class called b.jpg"
is "$(values label folder mess)" "0 0 1 1 1 1 1 2" "and its label"
run img-read folder mess
is "$(grep -v sealed "$err")" "$(
	sed 's/ MAGICK$/ (package imagemagick)/' <<-'END'
	img-read: mess: left out, BMP: 1, dog/b.bmp: find mess/ -iname '*.bmp' -exec convert '{}[0]' {}.png \; MAGICK
	img-read: mess: left out, GIF: 1, dog/g.gif: find mess/ -iname '*.gif' -exec convert '{}[0]' {}.png \; MAGICK
	img-read: mess: left out, HEIC: 3, the first cat/1.HEIC: find mess/ -iname '*.HEIC' -exec convert '{}[0]' {}.jpg \; MAGICK
	img-read: mess: left out, TIFF: 1, cat/t.tif: find mess/ -iname '*.tif' -exec convert '{}[0]' {}.png \; MAGICK
	img-read: mess: left out, beside the folders of classes: 1, stray.ppm
	img-read: mess: left out, neither file nor folder: 1, dog/pipe.jpg
	img-read: mess: left out, no image: 2, the first cat/notes.txt
	img-read: mess: left out, raw: 1, cat/DSC_1.NEF: find mess/ -iname '*.NEF' -exec dcraw_emu -w {} \; (package libraw-bin)
	img-read: mess: classes without images, 2 of 5: nil, void
	END
)" "what is left out is counted by kind and said once, with what converts it; empty classes are named"
is "$(values name tree mess)" \
	"b.jpg/a.jfif b.jpg/b.JPE cat/c.jpg cat/d.dat cat/deep/p.ppm cat/noending cat/w.webp dog/named.tif stray.ppm" \
	"tree: all images below, by their names' bytes"
is "$(values label tree mess)$(header tree mess | grep -c classes)" "0" "without labels and classes"
is "$(values name tree mess/cat)" "c.jpg d.dat deep/p.ppm noending w.webp" "names start from its folder"
must_fail 2 "a tree has no splits" img-read tree mess --split train
rm -r mess/cat mess/b.jpg mess/stray.ppm mess/dog/named.tif mess/dog/pipe.jpg
must_fail 1 "nothing but other kinds" img-read folder mess
is "$(grep -c 'left out, HEIC: 1, dog/3: convert .IN' "$err") $(tail -n 1 "$err")" \
	"1 img-read: mess: no images; img-read --list says what each dataset expects" "which are said"
must_fail 1 "nor below a tree" img-read tree mess
mkdir only && printf %b "$heic" >only/x.jpg
must_fail 1 "a HEIC by the name of a JPEG" img-read tree only
is "$(head -n 1 "$err")" "img-read: only/x.jpg: HEIC, which is not read: convert 'IN[0]' OUT.jpg (package imagemagick)" \
	"is told from it when it is loaded"
printf %b "$heic" >only/y && rm only/x.jpg
must_fail 1 "one folder of a kind that is not read" img-read folder only
is "$(cat "$err")" "$(printf '%s\n%s' "img-read: only: left out, HEIC: 1, y: convert 'IN[0]' OUT.jpg (package imagemagick)" \
	'img-read: only/: no folders of classes there, such as only/cat with images in it')" "is said with it"
mkdir "it's a" 'a (1)'
printf %b "$heic" | tee "it's a/x.heic" >'a (1)/x.heic'
run img-read tree 'a (1)'
like "$(cat "$err")" ": find 'a \\(1\\)/' -iname '\*\.heic' -exec convert '\{\}\[0\]' \{\}.jpg" \
	"a folder that a shell would divide stands in quotes"
run img-read tree "it's a"
like "$(cat "$err")" ": convert 'IN\[0\]' OUT.jpg " "or is not named"
is "$(img-read -q files set/train/a/2.ppm | rec-view - | grep -o '"shape":[^]]*]') $(printf %b "$webp" >w; img-read -q files w |
	rec-view --full - | grep -o '"data":[^]]*]')" '"shape":[1,2,3] "data":[200,10,30]' "WebP is decoded, whatever its name"
ln -s nowhere only/link
must_fail 1 "what cannot be looked into is not left out" img-read tree only
like "$(cat "$err")" '^img-read: only/link: No such file' "it is a bad image"

# What a folder's shape may mean otherwise, and what nothing can be learnt from.
words() { run img-read "$@"; grep -v sealed "$err" | cut -d: -f3-; }
mkdir -p split/train/x split/train/y split/val/x split/test class/train class/car names/val/x names/Test/x flat/train flat/test
for f in split/train/x split/train/y split/val/x class/train class/car names/val/x names/Test/x flat/train flat/test; do
	printf %b "$ppm" >"$f/1.ppm"
done
is "$(words folder split)" "" "a split train beside other splits: no word"
mkdir split/apple
is "$(words folder split)" \
	" train is read as a split; folders beside it that are not read: 1, the first apple; if train is a class as they are: --split ." \
	"train hides what is beside it"
is "$(values name folder split --split . | wc -w) $(header folder split --split . | grep -o '"classes":[^]]*]')" \
	'3 "classes":["apple","test","train","val"]' "--split . reads all of them as classes"
is "$(words folder class)" " train is read as a class, like car beside it: it holds no folders of classes" "a class that is called train"
is "$(values name folder class)" "car/1.ppm train/1.ppm" "hides nothing"
is "$(words folder names)" " the classes are called as splits are, the first Test; to read one: --split Test" "splits without a train"
is "$(words folder names --split val)" " one class only, 'x': there is nothing to tell apart" "one class"
must_fail 1 "images without classes" img-read folder flat
is "$(cat "$err")" "img-read: flat/train: images there, 1, and no folders of classes; without classes: img-read tree flat/train" \
	"are told of img-read tree"
must_fail 1 "a split that is not there" img-read folder split --split dev
must_fail 2 "one outside" img-read folder split --split ..
like "$(words folder split --epochs 2)" " class by class, and a batch .* --shuffle mixes them" "epochs of class folders want --shuffle"
is "$(words folder split --epochs 2 --shuffle | grep -c shuffle)" 0 "and have it"
like "$(words folder split --limit 1 --shuffle)" " --limit takes the first images, .*--per-class K" \
	"the first images are of the first classes"
is "$(words folder split --limit 2 --split train)" "" "all of them are not"
is "$(words files split/train/x/1.ppm split/train/y/1.ppm w split/val/x/1.ppm)" \
	" repeated names, 2 of 4 files, as split/train/y/1.ppm: these have one id and are augmented alike; \
img-read tree tells them apart by their folders" \
	"two files of one name"
is "$(words files split/train/x/1.ppm w)" "" "two of two names"
printf 'split/train/x/1.ppm 3\nw 4\n\nsplit/train/x/1.ppm 3\n' >list
is "$(words list list)" " repeated images, 1 of 3 lines, as line 4, split/train/x/1.ppm: these have one id and are augmented alike" \
	"an image that is listed twice"
printf 'split/train/x/1.ppm cat\nw cat\n' >list
is "$(words list list)" " one class only, 'cat': there is nothing to tell apart" "a list of one class"
printf 'split/train/x/1.ppm 7\nw 7\n' >list
is "$(words list list)" " one class only, 7: there is nothing to tell apart" "or of one number"
printf 'split/train/x/1.ppm -1\nw -1\n' >list
is "$(words list list)" "" "or of none: no word"

# Bad images.
: >set/train/a/0.jpg
echo '<html>' >set/train/a/3.png
must_fail 1 "the first bad image is the end" img-read folder set
is "$(head -n 1 "$err")" "img-read: set/train/a/0.jpg: empty file" "with its name and the reason"
must_fail 1 "one bad image too many" img-read --max-bad 1 folder set
ok "--max-bad 2" img-read --max-bad 2 --epochs 3 folder set
like "$(cat "$err")" 'sealed [0-9a-f]{16} 9 records, 6 skipped' "two in each epoch are counted in the seal"
is "$(grep -c 'set/train' "$err") $(tail -n 1 "$err")" "2 img-read: records left out: 2" "named and counted once"
is "$(values seq --max-bad 2 --epochs 2 folder set)" "1 2 4 6 7 9" "one that is left out uses up its seq"
state 3
is "$(values seq --max-bad 2 --epochs 2 --after state folder set)" "4 6 7 9" "and resuming behind it is exact"

# On threads: the same bytes, and the same of bad images, for any number of them.
all_jobs()
{
	local j
	for j in 1 2 3 7; do
		img-read -j $j "$@" 2>"$scratch/err.$j" | cksum
		cksum <"$scratch/err.$j"
	done | sort -u | wc -l
}
is "$(all_jobs --max-bad 2 --epochs 3 --shuffle folder set)" 2 "-j 1, 2, 3 and 7: one stream, and the same words"
is "$(all_jobs folder set)" 2 "where a bad image ends it, too"
is "$(all_jobs --epochs 7 cifar10 synth --shuffle)" 2 "and of a binary set"

# A large image: 36 million pixels, 103 MiB as RGB, and a file of 34 MiB.
(printf 'P5 6000 6000 255\n'; head -c 36000000 /dev/zero) >big.pgm
limited() { (ulimit -v 524288; "$@"); }
case $BUILD in
*asan* | *tsan*) skip "a large image within 512 MiB" "sanitizers take their own memory" ;;
*) ok "a large image within 512 MiB" limited img-read -j 1 files big.pgm ;;
esac
printf 'P5 60000 60000 255\n' >huge.pgm
must_fail 1 "a huge one is refused by its header" img-read files huge.pgm
rm big.pgm

# What else is known of an image rides along.
keys() { records "$@" | sed -nE 's/^.*"image":\{[^}]*\},?(.*)\}$/\1/p'; }
is "$(keys folder set --split test)" '"file":{"format":"pnm","bytes":17,"height":1,"width":2}' "what the file was"
printf '\nset/test/a/3.ppm 3\n' >one
is "$(keys list one)" '"line":2,"file":{"format":"pnm","bytes":17,"height":1,"width":2}' "the line of a list"
is "$(keys cifar10 synth --limit 1)" "" "a binary set without more to tell has no keys"
mkdir hundred && for i in 0 1 2 3; do printf %b "\\0$i\\0$((7 - i))" && head -c 3072 /dev/zero; done |
	tee hundred/train.bin >hundred/test.bin
is "$(values label cifar100 hundred --split test) $(keys cifar100 hundred --split test | paste -sd' ')" \
	'7 6 5 4 "coarse":0 "coarse":1 "coarse":2 "coarse":3' "cifar100: the coarse label"
is "$(values label cifar100-coarse hundred --split test) $(keys cifar100-coarse hundred --split test | paste -sd' ')" \
	'0 1 2 3 "fine":7 "fine":6 "fine":5 "fine":4' "cifar100-coarse: the fine one"
features()
{
	img-read -q cifar100 hundred --split test 2>/dev/null | feat-extract -q --pixels --size 4 | rec-view |
		grep -o '"coarse":.' | paste -sd' '
}
is "$(features)" '"coarse":0 "coarse":1 "coarse":2 "coarse":3' "and features have it"

# Which images: parts, K of each class, lists.
part() { values id cifar10 synth --split trainval --ratio 8:1:1 --part "$@"; }
is "$( (part train; part val; part test) | tr ' ' '\n' | sort -n | paste -sd' ')" "$(seq -s' ' 0 99)" "parts are disjoint and whole"
[ "$(part val | wc -w)" -ge 5 ] && [ "$(part val | wc -w)" -le 15 ]; result $? "val is about a tenth" || diag "$(part val)"
is "$(part val)" "$(part val --seed 5)" "parts do not depend on the seed"
[ "$(part val)" != "$(part val --draw 1)" ]; result $? "but on the draw"
is "$(values label cifar10 synth --per-class 2 | tr ' ' '\n' | sort | uniq -c | awk '{ print $1 }' | sort -u)" 2 "--per-class 2"
is "$(values id cifar10 synth --per-class 2 --limit 4 --shard 2/2)" "$(values id cifar10 synth --per-class 2 | cut -d' ' -f2,4)" \
	"then --limit, then --shard"
is "$(comm -23 <(part val --per-class 1 | tr ' ' '\n' | sort) <(part val | tr ' ' '\n' | sort))" "" "of a part, some of its own"
like "$(header cifar10 synth --split trainval --part val --ratio 8:1:1 --per-class 3 --draw 2)" \
	'cifar10 --split trainval --part val --ratio 8:1:1 --per-class 3 --draw 2"' "the chain says what was chosen"
like "$(words cifar10 synth --per-class 50 | tail -n 1)" \
	" fewer than 50 images of a class, the first 'circle' with [0-9]+: such give all they have" \
	"a class that has fewer is named"
printf '3\r\n\n1\r\n99' >some
is "$(values id cifar10 synth --split-from some)" "3 1 99" "a list of indices picks from all that train and val are of, in its order"
printf 'b.jpg/b.JPE\n' >some
must_fail 1 "a list of names of what has none" img-read cifar10 synth --split-from some
like "$(cat "$err")" "^img-read: some:1: 'b.jpg/b.JPE': images of cifar10 have no names; their indices are 0 to 99" "is told so"
printf '\xef\xbb\xbfset/train/a/2.ppm\r\n\r\n./set/train/b c/1.ppm' >some
is "$(values name tree . --split-from some)" "set/train/a/2.ppm set/train/b c/1.ppm" "a list of names, as Windows writes it"
printf 'train/b c/1.ppm\ntrain/a/2.ppm\n' | tee some >again
is "$(values label folder set --split-from some)" "1 0" "labels are the dataset's"
like "$(header folder set --split-from some)" '"chain":\["img-read [^ ]* folder --split-from list:[0-9a-f]{16}"\]' \
	"the chain says which images a list chose"
is "$(img-read -q folder set --split-from again | cksum)" "$(img-read -q folder set --split-from some | cksum)" "and not where it lies"
refused()
{
	printf %b "$2" >some
	must_fail 1 "refused: $1" img-read folder set --split-from some
	like "$(cat "$err")" "^img-read: $3" "and why"
}
refused "a name that is not there" 'train/a/2.ppm\n\nnone.ppm\n' "some:3: 'none.ppm' is not in the dataset"
refused "one that is there twice" 'train/a/2.ppm\n\n/train/a/2.ppm\n' "some:3: '/train/a/2.ppm' is there twice, first in line 1"
refused "an index beyond the end" '0\n9\n' "some:2: index: 9 is not within 0\.\.4"
refused "one below 0" '0\n-1\n' "some:2: index: -1 is not within"
refused "an index and a name" '0\ntrain/a/2.ppm\n' "some:2: index: 'train/a/2.ppm' is not a whole number"
refused "an empty list" '\n \n' "some: an empty list"
refused "a zero byte" '0\n\00001\n' "some: not a text file"
refused "a list of torch.save" 'PK\003\004\000\000' "some: a file of torch.save; two lines of Python write it as text:"
is "$(sed -n 2,9p "$err" | grep -c '^  ')" 2 "with the two lines"
must_fail 1 "a list that is not there" img-read folder set --split-from nowhere
must_fail 1 "a part without images" img-read folder set --part val --ratio 1:0:1
must_fail 1 "so many of each class without classes" img-read tree set --per-class 2
must_fail 2 "a list beside a split" img-read folder set --split-from some --split train
must_fail 2 "or beside a part" img-read folder set --split-from some --part train --ratio 8:1:1
must_fail 2 "a part without a ratio" img-read folder set --part train
must_fail 2 "a ratio without a part" img-read folder set --ratio 8:1:1
must_fail 2 "a part that is none" img-read folder set --part trainval --ratio 8:1:1
must_fail 2 "a ratio of two" img-read folder set --part train --ratio 8:1
must_fail 2 "a draw of nothing" img-read folder set --draw 1

# The table of datasets: what is in it has a paragraph in the page, and no program knows its name.
ok "--list" img-read --list
names=$(sed -nE 's/^  ([a-z0-9-]+): .*/\1/p' "$out")
is "$(grep -c '^    splits ' "$out") $(grep -cE '^    paths? ' "$out")" "$(wc -l <<<"$names") $(wc -l <<<"$names")" \
	"--list says of each what it expects and its splits"
is "$(for n in $names; do grep -qE "^\.It Cm ([a-z0-9-]+ , )*$n( ,|\$)" "$top/man/img-read.1" || echo "$n"; done)" "" \
	"img-read(1) says of each what it is"
# Presets, recipes and stems have names of their own, in their tables or asked for by as_policy_preset.
is "$(for n in $names; do grep -n "\"$n\"" "$top"/lib/*/*.c "$top"/tools/*.c |
	grep -vE "/lib/data/|OPT_|as_policy_preset|as_trace_|:[[:blank:]]*\\{\"$n\", "; done)" \
	"" "nothing outside lib/data knows a dataset's name"
must_fail 2 "a dataset that is none" img-read cifar11 synth
is "$(cat "$err")" "img-read: dataset: 'cifar11' is none of ${names//$'\n'/, }; did you mean 'cifar10'?" "is told what there is"
must_fail 2 "a dataset and no path" img-read cifar10
must_fail 2 "neither" img-read
mkdir -p python/cifar-10-batches-py && : >python/cifar-10-batches-py/data_batch_1
must_fail 1 "CIFAR-10 for Python" img-read cifar10 python
like "$(cat "$err")" 'img-read: python: the Python version; the binary one is read' "is told from the binary one"
like "$(cat "$err")" '^  curl -O https://.*/cifar-10-binary.tar.gz && tar' "with what fetches that"
must_fail 1 "also in its own folder" img-read cifar10 python/cifar-10-batches-py
mkdir -p python/below/cifar100/cifar-100-python && : >python/below/cifar100/cifar-100-python/train
for s in cifar100 cifar100-coarse fc100; do must_fail 1 "$s for Python, in the set's folder" img-read $s python/below; done
like "$(cat "$err")" 'python/below: the Python version' "is told, too"
mkdir -p lacks && : >lacks/readme
must_fail 1 "no CIFAR at all" img-read cifar10 lacks
is "$(cat "$err")" "img-read: lacks: no data_batch_1.bin or test_batch.bin there or in cifar-10-batches-bin; found readme; to fetch: \
cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz" "is told what to fetch"
for s in cifar100 cifar100-coarse fc100; do
	must_fail 1 "no CIFAR-100 at all, for $s" img-read $s lacks
	like "$(cat "$err")" 'no train.bin or test.bin there or in cifar-100-binary; found readme; to fetch: cifar-100-bin' "is told so"
done
# The set's folder is looked into first, also by those that share it.
img-synth -q --layout cifar100 --out in/cifar100
img-synth -q --layout fc100 --out in/fc100
img-synth -q --layout cifar10 --out in/cifar10
for s in cifar10:cifar10 cifar100:cifar100 cifar100-coarse:cifar100 fc100:fc100; do
	is "$(img-read --names "${s%:*}" in 2>/dev/null | cksum)" \
		"$(img-read --names "${s%:*}" in/"${s#*:}"/cifar* 2>/dev/null | cksum)" \
		"${s%:*} in the folder ${s#*:}"
done
[ "$(img-read --names fc100 in 2>/dev/null | wc -l)" -gt 100 ]; result $? "which is not of nothing"
rm in/cifar10/cifar-10-batches-bin/data_batch_*
must_fail 1 "half of CIFAR-10" img-read cifar10 in
like "$(cat "$err")" 'cifar-10-batches-bin: no data_batch_1.bin there, though' "is told what it lacks"
mkdir -p many/{a,b,c,d,e,f,g,h,i,j,k,l} && printf %b "$ppm" >many/f/1.ppm
like "$(img-read folder many 2>&1 >/dev/null)" 'without images, 11 of 12: a, b, c, d, e, g, h, i, j, k and 1 more$' \
	"of many classes without images ten are named"
must_fail 2 "two paths where one is read" img-read cifar10 synth synth
must_fail 2 "a split that is none" img-read cifar10 synth --split tset
must_fail 2 "a shard that is none" img-read cifar10 synth --shard 5/4
must_fail 2 "--exif neither on nor off" img-read cifar10 synth --exif maybe
must_fail 1 "a dataset that is not there" img-read cifar10 nowhere
must_fail 1 "a folder that is not there" img-read folder nowhere

# Real data.
if [ -f "$data/odd-jpegs.tar" ]; then
	tar -xf "$data/odd-jpegs.tar"
	ok "odd-jpegs: all but seven are passed on" img-read folder odd-jpegs --max-bad 7
	like "$(cat "$err")" 'sealed [0-9a-f]{16} 55 records, 7 skipped' "and counted"
	is "$(grep -c '^img-read: odd-jpegs/[^:]*: .' "$err")" 7 "each in a line with name and reason"
	# What djpeg refuses by the header is refused here; the PNG inside is read.
	is "$(grep -oE 'odd-jpegs/[^:]*' "$err" | cut -d/ -f2- | sort)" \
		"$(awk -F'\t' '$8 ~ /^error|^not run/ && $1 !~ /png-inside/ { print $1 }' odd-jpegs/LIST.tsv | sort)" \
		"just those that the list says"
	must_fail 1 "and one fewer allowed is the end" img-read folder odd-jpegs --max-bad 6
	case $BUILD in
	*asan* | *tsan*) skip "within 512 MiB" "sanitizers take their own memory" ;;
	*) ok "within 512 MiB" limited img-read -j 1 folder odd-jpegs --max-bad 7 ;;
	esac
	views() { img-read -q folder odd-jpegs --max-bad 7 | aug-sample -q --preset cifar | limited aug-apply -j 1 "$@"; }
	case $BUILD in
	*asan* | *tsan*) limited() { "$@"; } ;;
	esac
	ok "odd-jpegs through the whole pipe, within 512 MiB" views
	like "$(cat "$err")" 'sealed [0-9a-f]{16} 55 records, 7 skipped' "all that were passed on are views"
	ok "and with all of each decoded" views --exact
	like "$(cat "$err")" 'sealed [0-9a-f]{16} 55 records, 7 skipped' "all that were passed on are views"
	like "$(cat "$err")" "images decoded with warnings: $(awk -F'\t' '$8 ~ /^warn/' odd-jpegs/LIST.tsv | wc -l)," \
		"with as many warned of as the list says"
	shape() { rec-view - | grep '"seq"' | sed -E 's/"file".*//' | grep -oE '"height":[0-9]+,"width":[0-9]+'; }
	is "$(img-read -q files odd-jpegs/real/progressive-444-exif6.jpg | shape)" '"height":308,"width":231' \
		"EXIF turns people's own files"
	is "$(img-read -q --exif off files odd-jpegs/real/progressive-444-exif6.jpg | shape)" '"height":231,"width":308' \
		"unless --exif off"
else
	skip "odd-jpegs" "no $data"
fi
if [ -f "$data/native-samples.tar" ]; then
	tar -xf "$data/native-samples.tar"
	must_fail 1 "pets: images without folders of classes" img-read folder pets/images
	like "$(cat "$err")" 'images there, 74, .* img-read tree [^ ]*$' "are for img-read tree"
	ok "which reads them" img-read tree pets/images --max-bad 1
	like "$(cat "$err")" '^img-read: pets/images/Abyssinian_34.jpg: GIF, which is not read: convert ' "but for a GIF called .jpg"
	like "$(cat "$err")" 'sealed [0-9a-f]{16} 73 records, 1 skipped' "a PNG called .jpg is one of them"
	is "$(words folder dtd/images) $(values label folder dtd/images | tr ' ' '\n' | sort -u | wc -l)" " 10" "dtd: nothing is left out"
else
	skip "native samples" "no $data"
fi
if [ -f "$data/flowers12.tar" ]; then
	tar -xf "$data/flowers12.tar"
	tar -xf "$data/birds100.tar"
	tar -xf "$data/cifar100-subset.tar"
	is "$(records folder flowers12 | wc -l) $(records folder flowers12 --split test | wc -l)" "719 240" "flowers12"
	is "$(records folder birds100 | wc -l) $(values label folder birds100 --split test | tr ' ' '\n' | sort -u | wc -l)" \
		"1000 100" "birds100"
	is "$(records cifar100 . --split test | wc -l) $(values label cifar100-coarse . | tr ' ' '\n' | sort -u | wc -l)" \
		"2000 20" "cifar100"
else
	skip "flowers12, birds100, cifar100" "no $data"
fi
if [ -n "${AUGSELF_SLOW:-}" ] && [ -f "$data/cifar-10-binary.tar.xz" ]; then
	tar -xJf "$data/cifar-10-binary.tar.xz"
	for s in train:45000 val:5000 trainval:50000 test:10000; do
		is "$(records cifar10 . --split "${s%:*}" | wc -l)" "${s#*:}" "CIFAR-10 in full: $s"
	done
else
	skip "CIFAR-10 in full" "AUGSELF_SLOW is not set"
fi
done_testing
