#!/usr/bin/env bash
# Sets of many images: tar archives, streams in files, and the index of either or of folders: the bytes that
# folders give, in any order; what has changed is noticed; what is damaged is refused in one line.
. "${0%/*}/../lib.sh"

jpeg='\377\330'
jpeg+='\377\333\000\103\000'$(printf '\\001%.0s' {1..64})
jpeg+='\377\300\000\013\010\000\010\000\010\001\001\021\000\377\332\000\010\001\001\000\000\077\000\050\240\377\331'
picture() { printf %b "$jpeg"; printf %s "$1"; }
records() { img-read -q "$@" 2>/dev/null | rec-view - | grep '^{"seq"'; }
# values KEY ARGUMENTS...: of each record, on one line.
values() { records "${@:2}" | grep -oE "\"$1\":(\"[^\"]*\"|[0-9-]+)" | cut -d: -f2 | tr -d '"' | paste -sd' '; }
to_file() { "${@:2}" >"$1"; }
# said ARGUMENTS...: what img-read says of a set, and nothing of its records.
said() { { img-read --names "$@" >names; } 2>&1; }
known() { img-read -q --list | grep -q "^  $1:"; }

# 3 classes of 5 images, each file another; a name of 190 letters, one with blanks.
long=$(printf 'n%.0s' {1..186}).jpg
for class in a b "c d"; do
	mkdir -p "set/$class"
	for i in 1 2 3 4; do picture "$class$i" >"set/$class/$i.jpg"; done
done
picture long >"set/a/$long"
picture blank >"set/b/x y.JPEG"
printf 'P6 1 1 255\nabc' >"set/c d/5.ppm"
touch -d '2 hours ago' set/* set
ok "a set of folders" to_file folder.img img-read folder set

# ---- folders and their index ----
ok "a folder with an index that is not there" to_file one.img img-read folder set --index set.index
is "$(cksum <one.img)" "$(cksum <folder.img)" "the same bytes, with nothing of the index in them"
ok "an index is there now" [ -s set.index ]
sleep 2.2 # what is younger than two seconds may change again within a tick of the clock
img-read -q folder set --index set.index >two.img
before=$(stat -c %i set.index)
is "$(said folder set --index set.index) $(img-read -q folder set --index set.index | cksum)" " $(cksum <folder.img)" \
	"from the index, the same bytes, and nothing to say"
is "$(stat -c %i set.index)" "$before" "which is not written again"
is "$(values name tree set --index set.index)" "$(values name tree set)" "a tree uses the index of the same folder"
picture new >"set/b/new.jpg"
like "$(said folder set --index set.index)" '^img-read: set: --index: folders that have changed since, 1 of 4, the first b: read anew$' \
	"a folder in which a file is new is said"
is "$(cat names)" "$(img-read --names folder set)" "and read anew"
mv "set/b/new.jpg" "set/b/renamed.jpg"
is "$(img-read --names folder set --index set.index 2>/dev/null)" "$(img-read --names folder set)" "one that is renamed"
rm "set/b/renamed.jpg"
is "$(img-read --names folder set --index set.index 2>/dev/null)" "$(img-read --names folder set)" "one that is removed"
mkdir "set/e" && picture e >"set/e/e.jpg"
is "$(img-read --names folder set --index set.index 2>/dev/null)" "$(img-read --names folder set)" "a class that is new"
rm -r "set/e"
is "$(img-read --names folder set --index set.index 2>/dev/null | cksum)" "$(img-read --names folder set | cksum)" "and one that is gone"
printf 'GIF89a\001\000\001\000' >set/a/odd
said folder set --index set.index >first
printf 'II*\000\010\000\000\000' >set/a/odd # the same name and folder
like "$(said folder set --index set.index)" 'left out, TIFF: 1, a/odd' "a file whose bytes tell what it is, is looked at each time"
rm set/a/odd
cp -a set moved
is "$(img-read --names folder moved --index set.index 2>/dev/null)" "$(img-read --names folder moved)" "a copy of the set is not the set"
mkdir split && cp -a set split/train && cp -a set split/val && rm split/val/a/*
for split in train val train val; do
	is "$(img-read --names folder split --split $split --index split.index 2>/dev/null)" \
		"$(img-read --names folder split --split $split 2>/dev/null)" "one index for the splits of a set: $split"
done
mkdir ro && touch ro/index # a folder where a file should be written: a file of something else
must_fail 1 "an index that is something else" img-read folder set --index ro/index
like "$(cat "$err")" '^img-read: ro/index.*remove it, or name another --index$' "is not written over"
head -c 300 set.index >cut.index
must_fail 1 "one that is cut off" img-read folder set --index cut.index
like "$(said folder set --index no/such/index)" '^img-read: set: --index is not kept: no/such/index' \
	"one that cannot be written is said, and no error"
is "$(wc -l <names)" 15 "all names are there"
must_fail 2 "a set that has no index" img-read cifar10 set --index set.index

# ---- tar ----
if ! said tar folder.img | grep -q libarchive; then
	# forms of an archive: GNU's long names, pax headers, what POSIX had first, and what comes of a pipe
	tree=$(records tree set)
	for form in gnu pax; do
		tar --format=$form --sort=name -cf $form.tar -C set .
		is "$(records tar $form.tar | sed 's/"label":[0-9]*,//' | cut -d, -f2- | sort)" "$(cut -d, -f2- <<<"$tree" | sort)" \
			"$form: names, ids and images of the same tree"
	done
	like "$(said tar gnu.tar)" '^img-read: gnu.tar: no .cls: the classes are the folders that images lie in, 3$' \
		"without .cls, labels are folders"
	is "$(cat names)" "$(img-read --names folder set)" "as of the folder itself"
	tar --format=ustar --sort=name -cf ustar.tar -C set b "c d"
	is "$(values name tar ustar.tar)" "$(values name tree set | grep -o 'b/.*')" "ustar"
	tar -cf - -C set . --sort=name | cat >piped.tar
	is "$(records tar piped.tar | cksum)" "$(records tar gnu.tar | cksum)" "one that came through a pipe"

	# WebDataset: keys, labels, what else lies there
	mkdir wds
	for k in 0 1 2 3 4 5 6; do
		picture $k >wds/00$k.jpg
		echo $((k % 3)) >wds/00$k.cls
		echo '{"caption": "x"}' >wds/00$k.json
		echo text >wds/00$k.txt
	done
	tar --sort=name -cf s1.tar -C wds 000.cls 000.jpg 000.json 000.txt 001.jpg 001.txt 001.cls 002.cls 002.jpg
	tar -cf s2.tar -C wds 003.jpg 003.cls 004.jpg 004.cls 005.cls 005.jpg 006.jpg 006.cls
	is "$(values label tar s1.tar s2.tar)" "0 1 2 0 1 2 0" "labels are those of .cls before or after the image"
	is "$(values name tar s1.tar s2.tar)" "000.jpg 001.jpg 002.jpg 003.jpg 004.jpg 005.jpg 006.jpg" \
		"members of other endings are not read"
	is "$(said tar s1.tar s2.tar)" "" "and there is nothing to say"
	tar -cf all.tar -C wds 00{0,1,2,3,4,5,6}.{cls,jpg}
	img-read -q tar all.tar --shuffle --epochs 3 >all.img
	is "$(img-read -q tar s1.tar s2.tar --shuffle --epochs 3 | cksum)" "$(cksum <all.img)" \
		"how images are dealt to archives is not in the stream"
	for j in 1 2 5; do
		is "$(img-read -q -j$j tar s1.tar s2.tar --shuffle --epochs 3 | cksum)" "$(cksum <all.img)" "in any order: -j$j"
	done
	parts=()
	for i in 1 2 3; do
		img-read -q tar s1.tar s2.tar --shuffle --epochs 3 --shard $i/3 --batch 6 >part$i.img
		parts+=("part$i.img")
	done
	is "$(rec-cat -q --merge "${parts[@]}" | cksum)" "$(cksum <all.img)" "by shards in blocks, merged"
	is "$(records tar all.tar --limit 3 | cksum)" "$(records tar s1.tar | cksum)" "--limit"
	is "$(values name tar all.tar --part val --ratio 1:1:0 | wc -w)" "3" "parts"
	printf '006.jpg\n001.jpg\n' >list
	is "$(values label tar s1.tar s2.tar --split-from list)" "0 1" "--split-from"
	json='{"__metadata__":{"format":"augself-state 1","seq":"10"}}'
	printf "\\x$(printf %02x ${#json})\\0\\0\\0\\0\\0\\0\\0%s" "$json" >state
	is "$(records tar all.tar --shuffle --epochs 3 --after state 2>/dev/null)" "$(rec-view all.img | grep '^{"seq"' | tail -n +11)" \
		"--after"
	for k in 0 1 2 3; do echo "class $((k % 2))" >wds/00$k.cls; done
	tar -cf named.tar -C wds 000.jpg 000.cls 001.jpg 001.cls 002.jpg 002.cls 003.jpg 003.cls
	is "$(values label tar named.tar) $(img-read -q tar named.tar 2>/dev/null | rec-view | grep -o '"classes":[^]]*')" \
		'0 1 0 1 "classes":["class 0","class 1"' "labels that are names become classes"

	# what is left out is said
	ln wds/000.jpg wds/hard.jpg && ln -s 000.jpg wds/soft.jpg && picture seg | tee wds/001.seg.png >wds/001.depth.jpg
	tar -cf odd.tar -C wds 000.jpg hard.jpg soft.jpg 001.depth.jpg 001.jpg 001.seg.png 002.cls 003.jpg
	said tar odd.tar >notes
	is "$(cat notes)" "$(cat <<-'END'
		img-read: odd.tar: left out, further images of a key: 2, the first 001.depth.jpg
		img-read: odd.tar: left out, labels (.cls) without their image beside them: 1, 002.cls: tar --sort=name puts it there
		img-read: odd.tar: left out, links: 2, the first hard.jpg: tar -h --hard-dereference puts in what they lead to
		img-read: odd.tar: images without a label, 3 of 3, the first 000.jpg
		END
	)" "links, further images of a key, labels apart from theirs"
	is "$(values name tar odd.tar)" "000.jpg 001.jpg 003.jpg" "and the others are read"
	mkdir again && picture 0 >again/000.jpg && tar -cf again.tar -C again 000.jpg
	like "$(said tar s1.tar again.tar)" 'repeated ids, 1 of 4 images, as 000.jpg in again.tar: these are augmented alike$' \
		"a name in two archives"

	# the index of archives
	is "$(img-read -q tar odd.tar --index odd.index 2>/dev/null | cksum)" "$(img-read -q tar odd.tar 2>/dev/null | cksum)" \
		"with an index"
	touch -d '2 hours ago' ./*.tar && sleep 2.2
	said tar odd.tar --index odd.index >first
	before=$(stat -c %i odd.index)
	is "$(said tar odd.tar --index odd.index)" "$(cat notes)" "from the index, what is left out is said again"
	is "$(stat -c %i odd.index) $(img-read -q tar odd.tar --index odd.index 2>/dev/null | cksum)" \
		"$before $(img-read -q tar odd.tar 2>/dev/null | cksum)" "it is not written again, and gives the same bytes"
	is "$(said tar odd.tar s1.tar --index odd.index | grep -c changed) $(wc -l <names)" "0 6" "an index of other files is made anew"
	said tar s1.tar s2.tar --index s.index
	tar -rf s2.tar -C wds 000.txt
	like "$(said tar s1.tar s2.tar --index s.index)" '^img-read: s1.tar: --index: s2.tar has changed since: read anew$' \
		"an archive that has changed"
	is "$(said tar s1.tar s2.tar --index s.index | grep -c 'changed since')" "0" "is said once"
	must_fail 1 "the index of folders for archives" img-read tar s1.tar --index set.index

	# damage: one line each, which names the file
	refused()
	{
		must_fail 1 "$1" img-read --names tar "${@:3}"
		like "$(cat "$err")" "^img-read: $2" "is refused by name"
		is "$(wc -l <"$err")" 1 "in one line"
	}
	size=$(stat -c %s gnu.tar) refused=0 said=0
	for at in 100 511 513 1000 1537 3000 5000 $((size - 10240)); do
		head -c $at gnu.tar >cut.tar
		if img-read -q tar cut.tar >cut.img 2>cut.err; then
			said=$((said + $(grep -c "^img-read: cut.tar: .*without an archive's end" cut.err)))
		else
			refused=$((refused + $(grep -c '^img-read: cut.tar: ' cut.err)))
		fi
	done
	is "$((refused + said))" 8 "an archive that ends early is refused, or it is said that it has no end"
	: >empty.tar
	refused "an empty file" 'empty.tar: empty, no tar archive$' empty.tar
	refused "a text" 'list: no tar archive' list
	gzip -k <s1.tar >s1.tar.gz
	refused "a compressed archive" 's1.tar.gz: compressed \(gzip\), .*: gunzip -k s1.tar.gz$' s1.tar.gz
	cat s1.tar all.tar >joined.tar
	refused "joined by cat" 'joined.tar: something stands behind' joined.tar
	refused "one that is not there" 'no.tar: No such file' no.tar
	refused "a folder" 'set: ' set
	must_fail 1 "an archive without images" img-read tar ustar.tar --limit 1 --index set/a
	printf 'not an image' >wds/bad.jpg && touch "wds/new
line.jpg" && tar -cf bad.tar -C wds bad.jpg "new
line.jpg" 000.jpg
	must_fail 1 "a member that is no image" img-read tar bad.tar
	like "$(head -n 1 "$err")" '^img-read: bad.tar: bad.jpg: ' "is named"
	ok "and left out" to_file left.img img-read --max-bad 2 tar bad.tar
	is "$(grep -c '^img-read: bad.tar: new' "$err") $(rec-view left.img | grep -c '^{"seq"')" "1 1" \
		"a name with a line's end in it stays in one line"
	cp gnu.tar changing.tar
	slowly() { img-read -q -j1 --epochs 0 tar changing.tar | { head -c 2000 >/dev/null; printf x >>changing.tar; cat >/dev/null; }; }
	must_fail 1 "an archive that changes while it is read" slowly
	like "$(cat "$err")" 'changing.tar: has changed since it was opened' "is told"
	must_fail 2 "splits" img-read tar s1.tar --split train

	python=$(python_with tarfile)
	if [ -n "$python" ]; then
		"$python" "$top/tests/python/shards.py"
		for form in u g p; do
			is "$(values id tar py-$form.tar)" "$(values id tar all.tar)" \
				"as Python's tarfile writes it: $form"
		done
	else
		skip "Python's tarfile" "python3 is not there"
	fi
else
	skip "tar archives" "libarchive is not there"
fi
case $BUILD in
*aarch64*) skip "without libarchive" "another machine's" ;;
*)
	ok "without libarchive it is built without a warning" bare img-read stream/archive.c
	must_fail 1 "a tar archive without libarchive" ./img-read-bare tar list
	like "$(cat "$err")" 'for tar archives augself must be built with libarchive: install the package libarchive-dev' \
		"is told what to install"
	;;
esac

# ---- streams ----
is "$(records stream folder.img)" "$(records folder set)" "a stream gives the records that it was made of"
head_of() { rec-view "$1" | head -n 1 | grep -oE "$2"; }
img-read -q stream folder.img >again.img 2>"$err"
is "$(head_of again.img '"classes":[^]]*')" "$(head_of folder.img '"classes":[^]]*')" "with its classes"
is "$(head_of again.img 'img-read [0-9.]+ [a-z]+' | cut -d' ' -f3 | xargs)" "folder stream" "and the line of what made it"
is "$(records stream folder.img --shuffle --epochs 2)" "$(records folder set --shuffle --epochs 2)" \
	"shuffled, over epochs, as the set itself"
is "$(records stream folder.img --per-class 2 --draw 3)" "$(records folder set --per-class 2 --draw 3)" "choices as of the set itself"
img-read -q folder set --shard 1/2 >h1.img && img-read -q folder set --shard 2/2 >h2.img
is "$(values name stream h1.img h2.img | tr ' ' '\n' | sort | cksum)" "$(values name folder set | tr ' ' '\n' | sort | cksum)" \
	"several files are one set"
ok "with an index" to_file i1.img img-read -q stream folder.img --index stream.index
touch -d '2 hours ago' folder.img && sleep 2.2
img-read -q stream folder.img --index stream.index >i2.img 2>"$err"
before=$(stat -c %i stream.index)
img-read -q stream folder.img --index stream.index --shuffle >i3.img 2>"$err"
is "$(stat -c %i stream.index) $(cksum <i1.img) $(cksum <i3.img)" \
	"$before $(cksum <i2.img) $(img-read -q stream folder.img --shuffle 2>/dev/null | cksum)" "the same bytes from it"
img-read -q folder set --limit 9 2>/dev/null >folder.img
like "$(said stream folder.img --index stream.index)" '^img-read: folder.img: --index: folder.img has changed since: read anew$' \
	"a file that has changed"
is "$(wc -l <names)" 9 "is read anew"
img-synth -q --count 12 --size 20 --seed 5 >synth.img
strip() { sed 's/"chain":.*//; s/"xxh64".*//'; }
is "$(img-read -q stream synth.img 2>/dev/null | rec-view | strip)" "$(rec-view synth.img | strip)" "decoded pixels, and keys of their own"
is "$(img-read -q stream synth.img -j1 --shuffle --epochs 4 | cksum)" "$(img-read -q stream synth.img -j4 --shuffle --epochs 4 | cksum)" \
	"any -j"
# made smaller once: the views of eval, which stand for the images
smaller() { img-synth -q --count 12 --size 20 --seed 5 | aug-sample -q --eval --size 8 | aug-apply -q; }
smaller >small.view
pixels_of() { rec-view --full - | grep -oE '8,8,3\],"data":[^]]*' | cksum; }
is "$(img-read -q stream small.view | pixels_of)" "$(pixels_of <small.view)" "views of eval stand for images"
is "$(values id stream small.view) $(values label stream small.view)" "$(values id stream synth.img) $(values label stream synth.img)" \
	"with ids and labels"
synth() { img-synth -q --count 6 --size 8 "$@"; }
stream_of() { synth "${@:2}" >no.img; must_fail 1 "$1" img-read stream no.img; }
stream_of "several epochs" --epochs 2
like "$(cat "$err")" '^img-read: no.img: a stream of several epochs, .*: img-read without --epochs makes such$' "are refused"
synth | aug-sample -q --size 8 | aug-apply -q >two.view
must_fail 1 "two views of an image" img-read stream two.view
like "$(cat "$err")" 'several views.*aug-sample --eval' "which is said"
synth | aug-sample -q --eval --size 8 | aug-apply -q --dtype f4 >float.view
must_fail 1 "views of floats" img-read stream float.view
synth | aug-sample -q --size 8 >no.img
must_fail 1 "samples" img-read stream no.img
synth >whole.img && head -c 1000 whole.img >no.img
must_fail 1 "a stream that ends early" img-read stream no.img
like "$(cat "$err")" '^img-read: no.img:record [0-9]+: truncated' "names its record"
{ head -c 700 whole.img; printf x; tail -c +702 whole.img; } >no.img
must_fail 1 "a byte that is another" img-read stream no.img
must_fail 1 "no stream" img-read stream list
must_fail 1 "two streams of other classes" img-read stream whole.img folder.img
must_fail 2 "--exif of what has been turned" img-read stream whole.img --exif off
is "$(img-read -q --list | grep -A4 '^  tar:' | grep -c 'archives')" 2 "--list has them"
done_testing
