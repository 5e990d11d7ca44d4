#!/usr/bin/env bash
# What strangers get wrong, and what they are told: how the command ends, and words of its message, which say what was
# found and what to type. A line of the table is STATUS|LINES|WORDS|COMMAND: LINES are how many the message has (- any
# number), WORDS are separated by ~ and must all be there.
. "${0%/*}/../lib.sh"

prepare()
{
	img-synth -q --count 40 --size 32 >img && img-synth -q --count 40 --size 32 --split test >img2 &&
		aug-sample -q --preset cifar <img >smp && aug-apply -q <smp >v &&
		feat-extract -q --pixels --size 4 <img >f && feat-extract -q --pixels --size 4 <img2 >f2 &&
		feat-extract -q --pixels --size 5 <img2 >f5 || return
	aug-sample -q --size 4 <img | aug-apply -q | feat-extract -q --pixels --size 4 >fv
	ssl-train -q -w .015625 -b 20 --epochs 1 --set hidden=16,bottleneck=4 --state st -o m <v &&
		ssl-train -q -w .03125 -b 20 --epochs 1 --set hidden=16,bottleneck=4 -o m2 <v &&
		feat-extract -q -m m <img >fm && feat-extract -q -m m2 <img2 >fm2 || return
	knnprobe -q --train f --test f2 --label colour --scores sc >sc.tsv
	echo hello >txt && gzip -c img >img.gz && : >empty && head -c 5000 img >cut.img && printf 'PK\3\4xxxxxxxxxxx' >w.pth
	img-synth -q --layout food101 -o food --classes 3 --train 3 --test 2 && cp -r food/food-101/images photos || return
	mkdir flat nothing && cp photos/*/*.jpg flat && cp "$(find flat -type f | head -n 1)" pic.jpg
	cp -r photos broken && head -c 300 pic.jpg >broken/apple_pie/0.jpg
	rec-cat -q --limit 0 img >none.img && feat-extract -q --pixels <none.img >none
	img-synth -q --cifar c10 --count 10 && chmod 500 nothing && printf 'w,x\n' >table.tsv
}
ok "images, streams, models to go wrong with" prepare

# The wrong kind, or nothing, at a program's input.
wrong='
1|1|image~sample~put aug-sample in front|aug-apply <img
1|1|image~view~put aug-sample | aug-apply in front|ssl-train -o x <img
1|1|sample~view~put aug-apply in front|ssl-train -o x <smp
1|1|feature~view~give the views|ssl-train -o x <f
1|1|sample~put aug-apply in front|feat-extract -q -m m <smp
1|1|feature~give the images|feat-extract -q -m m <f
1|1|view~image~from before aug-sample|aug-sample <v
1|1|sample~leave this one out|aug-sample <smp
1|1|view~leave this one out|aug-apply <v
1|1|img: ~image~feat-extract makes features|linprobe --train img --test img2
1|1|v: ~view~feat-extract makes features|knnprobe --train v --test f2
1|1|score~give the features|fewshot sc
1|1|aug-sample | aug-apply make views|augprobe --train f --test f2
1|1|not an augself stream~text|aug-sample <txt
1|1|an image~img-read files|aug-sample <pic.jpg
1|1|an image~img-read files|rec-view pic.jpg
1|1|gzip -dc|aug-sample <img.gz
0|1|sealed|gzip -dc <img.gz | aug-sample | cat >x
1|1|weights~--model|rec-view m
1|1|zip file|rec-view w.pth
1|1|empty~nothing was written into it|aug-sample <empty
1|1|empty: empty|linprobe --train empty --test f2
1|1|no records~see what made it|knnprobe --train none --test f2
1|1|truncated~see what its writer said|aug-sample <cut.img | cat >x
2|1|terminal~< FILE|script -qec "aug-sample >/dev/null" /dev/null >&2
2|1|terminal~| rec-view~> FILE|script -qec img-synth /dev/null >&2
'
# Of a chain whose first program fails, only that one speaks.
chain='
1|1|img-read: nowhere/: No such file|img-read folder nowhere | aug-sample | aug-apply | ssl-train -o x
1|1|aug-sample: preset~did you mean|img-synth -q -n 9 | aug-sample --preset cifr | aug-apply | ssl-train -o x
1|1|unknown option~did you mean|img-synth --conut 9 | aug-sample | aug-apply | feat-extract --pixels | rec-view
1|1|put aug-sample in front|img-synth -q -n 9 | aug-apply | feat-extract --pixels | rec-view
1|1|aug-sample: (stdin): empty~the program before this one wrote nothing|true | aug-sample | aug-apply | ssl-train -o x
1|2|command not found~the program before this one wrote nothing|img-synth -q -n 9 | aug-aply | ssl-train -o x
1|1|truncated|head -c 5000 img | aug-sample | aug-apply | feat-extract --pixels | rec-export y.npy >x
1|2|starts with 0x~--max-bad 1 leaves it out|img-read files txt pic.jpg | aug-sample | aug-apply | feat-extract --pixels | rec-view >x
'
# What is missing, misspelt, or beyond what is there.
options='
2|1|as in linprobe --train|linprobe
2|1|as in knnprobe --train|knnprobe --test f2
2|1|--train FILE~--original FILE~--rank|augprobe --test f2
2|1|--model FILE~--pixels|feat-extract <img
2|1|exclude each other|feat-extract --pixels -m m <img
2|1|add -o model.safetensors|ssl-train <v
2|1|add --state FILE|ssl-train -o x --on-checkpoint ls <v
2|1|as in score-report -o|score-report
2|1|add -o report.html|score-report plan
2|1|as in rec-import photos.tsv|rec-import
2|1|img-read folder photos~--list|img-read
2|1|img-read folder photos|img-read photos
2|1|cifar10~did you mean|img-read cifr10 c10
2|1|did you mean '"'cifar'"'|aug-sample --preset cifr <img
2|1|exclude each other|aug-sample --preset cifar --policy txt <img
1|1|line 1~name = value|aug-sample --policy txt <img
2|1|1..2048|aug-sample --size 0 <img
2|1|u1~f4|aug-apply --dtype f8 <smp
2|1|did you mean '"'colour'"'|img-synth --count 4 --label color
2|1|--out|img-synth --layout stl10
2|1|add --sheet|knnprobe --train f --test f2 --images img,img2
2|1|add --images|knnprobe --train f --test f2 --sheet x.png
2|1|two streams with a comma|knnprobe --train f --test f2 --sheet x.png --images img2
2|1|40 rows|knnprobe --train f --test f2 -k 100
2|1|only --boxes|linprobe --train f --test f2 cat
2|1|none of .npy, .npz, .tsv|rec-export y <f
2|1|rec-view --help|rec-view a b c
'
# Files and folders.
files='
1|1|nofile: No such file|linprobe --train nofile --test f2
1|1|folder~img-read reads folders|linprobe --train photos --test f2
1|1|folder~img-read reads folders|rec-view photos
1|1|is a folder|feat-extract -m photos <img
1|2|zip archive~unpack it|feat-extract -m w.pth <img
1|1|not a safetensors file|feat-extract -m f <img
1|1|a file, not a folder~img-read files|img-read folder pic.jpg
1|1|a file, not a folder~unpacked|img-read tree img.gz
1|1|img-read tree flat|img-read folder flat
1|1|nothing/cat|img-read folder nothing
1|1|no images~--list|img-read tree nothing
2|1|one path~img-read files|img-read folder photos/*
1|1|data_batch_1.bin~found~to fetch|img-read cifar10 photos
1|1|to fetch|img-read food101 photos
1|1|train: No such file|img-read folder photos --split train
2|1|test~train|img-read cifar10 c10 --split nono
1|1|txt:1~not in the dataset|img-read --split-from txt folder photos
1|1|another --ratio|img-read folder photos --part test --ratio 100:1:1
1|1|not a state of ssl-train|img-read --after m folder photos
1|2|0.jpg~--max-bad 1 leaves it out|img-read -q folder broken | cat >x
0|-|left out: 1|img-read -q --max-bad 1 folder broken | cat >x
1|1|there is no folder nodir: mkdir -p nodir|ssl-train -b 20 -o nodir/x <v
1|1|is a folder|ssl-train -b 20 -o nothing <v
2|1|one file for both|ssl-train -b 20 -o x --log x <v
1|1|No space left|img-synth --count 4 >/dev/full
1|1|not a table of neighbours|rec-view --neighbours txt --sheet x.png img img
1|1|give the images or views|rec-view --sheet x.png f
1|1|only one kind|rec-cat img f
1|1|each once|rec-cat --merge img img
'
# Training.
training='
1|1|40 images~--batch 40 or less|ssl-train -b 256 -o x <v
2|1|power of two|ssl-train -b 7 --grains 2 -o x <v
2|1|--width~0.015625..8|ssl-train -b 20 -w 0 -o x <v
2|1|simsiam, moco|ssl-train -b 20 --method nono -o x <v
2|1|cifar, stl10|ssl-train -b 20 --recipe nono -o x <v
2|1|aug-sample --size 224~--size 0|ssl-train -b 20 --recipe imagenet -o x <v
2|1|--preset NAME+rotation|ssl-train -b 20 --augself rotation=1 -o x <v
2|1|write crop=1|ssl-train -b 20 --augself crop -o x <v
2|1|did you mean '"'color'"'|ssl-train -b 20 --augself colour=1 -o x <v
2|1|did you mean '"'hidden'"'|ssl-train -b 20 --set hiden=4 -o x <v
2|1|--warmup 0|ssl-train -b 20 --warmup 10 -o x <v
1|1|--epochs 10~--epochs 1~--steps|ssl-train -b 20 --epochs 10 -o x <v
1|1|--epochs 50 or more~--steps 2|ssl-train -b 20 --steps 100 -o x <v
1|1|--classes 8|ssl-train -b 20 --method supervised --classes 3 -o x <v
1|1|a model, from which training cannot continue|ssl-train -b 20 --state m -o x <v
2|1|give its options again, or another --state|ssl-train -b 20 -w .03125 --set hidden=16,bottleneck=4 --state st -o x <v
2|1|more steps, or another --state|ssl-train -b 20 -w .015625 --epochs 1 --set hidden=16,bottleneck=4 --state st --steps 1 -o x <v
1|-|try a lower --base-lr|explode
2|1|aug-sample --views|aug-sample -q --views 1 <img | aug-apply -q | ssl-train -b 20 -o x
1|1|aug-sample --size 32|aug-sample -q --size 64 <img | aug-apply -q | feat-extract -q -m m
2|1|leave --stem out|feat-extract -q -m m --stem imagenet <img
2|1|leave it out~aug-sample|feat-extract -q -m m --role view <img
'
# Probes and reports.
probes='
1|1|shape, colour, place~did you mean '"'colour'"'|linprobe --label color --train f --test f2
1|1|shape, colour, place|knnprobe --label nokey --train f --test f2
1|1|did you mean '"'colour'"'|fewshot --label color f
1|1|75 wide~48~one --size|linprobe --train f --test f5
2|1|too many: '"'f.npy'"'~rec-export photos.npy <|rec-export f f.npy
1|1|16 wide~8~one model|linprobe --train fm --test fm2
1|1|a smaller --way or --shot|fewshot --way 20 f
2|2|did you mean '"'crop'"'|augprobe --train fv --test fv --ops color,crpo
0|1|drawn at random (crop,flip,color,gray)~put the images themselves|augprobe --original fv --test fv
0|0||augprobe --original f --test fv
0|1|--lr 1e+09 is too high~try 1e+08|linprobe --train f --test f2 --sgd --lr 1e9
1|1|line 1~none of title|score-report -o x.html txt
1|1|no plan|score-report -o x.html empty
'
# Pipelines: said at once, before anything runs.
pipelines='
2|1|METHODS=nono~simsiam moco|pipeline stl10 SCALE=smoke METHODS="simsiam nono"
2|1|METHODS=nono~simsiam moco|pipeline methods METHODS=nono
2|1|SEEDS=x~whole numbers|pipeline stl10 SCALE=smoke SEEDS="0 x"
2|1|SEED~it is SEEDS|pipeline stl10 SCALE=smoke SEED=1
2|1|METHOD~it is METHODS|pipeline stl10 SCALE=smoke METHOD=byol
2|1|METHODS=simsiam,moco~with blanks|pipeline stl10 SCALE=smoke METHODS=simsiam,moco
2|1|WIDHT: no such setting of stl10.mk~augself-experiments|pipeline stl10 SCALE=smoke WIDHT=.1
2|1|EPOCHS=abc: a whole number|pipeline stl10 SCALE=smoke EPOCHS=abc
2|1|DATA=dir is missing~SCALE=smoke|pipeline stl10
2|1|smoke, small or paper|pipeline stl10 SCALE=big
2|1|IMAGES=dir is missing~SCALE=smoke|pipeline own
2|1|IMAGES=nowhere: no such folder|pipeline own IMAGES=nowhere
2|-|a few hundred|pipeline own IMAGES=nothing
2|1|IMAGES=dir is missing~CIFAR-10|pipeline profile
2|1|10 of a class|pipeline profile MODEL=m IMAGES=photos
'

explode()
{
	img-synth -q -n 32 --epochs 9 | aug-sample -q | aug-apply -q | ssl-train -q --epochs 9 -b 4 -w .015625 \
		--set hidden=16,bottleneck=4 --base-lr 1000 --wd 1 --momentum 1 --arch resnet50 -o x
}
pipeline() { env -u MAKELEVEL -u MAKEFLAGS make -f "$top/pipelines/$1.mk" BIN="$BUILD/bin" "${@:2}" >/dev/null; }
export -f explode pipeline
export top

trial()
{
	local want=$1 lines=$2 words=$3 command=$4 word missing="" said
	run timeout 60 bash -o pipefail -c "$command"
	said=$(grep -vE '^make(\[[0-9]+\])?: ' "$err" | tr -d '\r' | sed 's/^\x1b\[K//' | grep .)
	while IFS= read -r word; do
		grep -qF -- "$word" <<<"$said" || missing+="'$word' "
	done < <(tr '~' '\n' <<<"$words")
	[ "$lines" = - ] || [ "$(grep -c . <<<"$said")" = "$lines" ] || missing+="($lines lines)"
	[ "$status" = "$want" ] || missing+="(status $want)"
	[ -z "$missing" ]; result $? "$command: ${words:-nothing}" || diag "exit $status, misses $missing" "$said"
}

count=0
for table in "$wrong" "$chain" "$options" "$files" "$training" "$probes" "$pipelines"; do
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		IFS='|' read -r want lines rest <<<"$line"
		# A bar in WORDS or COMMAND has blanks around it, or stands after a redirection.
		words=${rest%%|[a-z]*} command=${rest#"$words|"}
		case $command in script\ *) script -qec true /dev/null >/dev/null 2>&1 || continue ;; esac
		count=$((count + 1))
		trial "$want" "$lines" "$words" "$command"
	done <<<"$table"
done
[ "$count" -ge 120 ]; result $? "all were tried: $count"
# The byte that tells a reader of a failure is for programs: not where messages go the same way.
is "$(aug-sample --oops 2>&1 | head -c 11)" "aug-sample:" "a pipe that has messages too begins with one"
is "$(aug-sample --oops 2>"$scratch/log" | od -An -tx1)" " c0" "... one for a program with the byte"
done_testing
