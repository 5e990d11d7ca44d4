#!/usr/bin/env bash
# Every method: with all heads, the same bytes from any number of threads and after a
# kill, momentum network and queue included; configurations; the release's faults by
# name; the alarm that tells of a collapse.
# shellcheck disable=SC2086,SC2094
. "${0%/*}/../lib.sh"
for i in img-synth aug-sample aug-apply ssl-train feat-extract rec-view; do
	[ -x "$BUILD/bin/$i" ] || skip_all "no $i"
done

small="--width 0.0625 --head-hidden 32 --base-lr 0.1 --batch 20"
narrow() {
	case $1 in
	simsiam) echo "hidden=64,bottleneck=16";;
	moco) echo "queue=50,out=16,momentum=.9";;
	simclr) echo "out=16";;
	byol) echo "hidden=64,out=16,momentum=.9";;
	swav) echo "hidden=64,out=16,prototypes=20";;
	*) echo "";;
	esac
}
# train METHOD ARGUMENT...
train() { ssl-train -q $small --method "$1" --set "$(narrow "$1")" "${@:2}"; }
images() { img-synth -q --count 70 --epochs 3 --shuffle "$@"; } # a later --count wins
methods=$(ssl-train --list | sed -n '/^methods/,/^heads/s/^  \([^ :]*\):.*/\1/p')
heads=$(ssl-train --list | sed -n '/^heads/,/^recipes/s/^  \([^ :]*\):.*/\1/p' | tr '\n' ' ')
[ "$(wc -w <<<"$methods")" -ge 6 ] && [ "$(wc -w <<<"$heads")" -ge 6 ]; result $? "methods and heads are listed"
aug-sample --preset stl10+rotation+solarize --size 20 --dump-policy >known
{ cat known; for h in $heads; do grep -q "^op = $h " known || echo "op = $h"; done; } >policy
views() { aug-sample -q --policy policy | aug-apply -q; }
images | views >three_epochs || exit 1
# shellcheck disable=SC2046
all=$(printf ',%s=.5' $heads) all=${all#,}
same() { cmp "$1" "$2"; }
log() { grep -v '^#' "$1"; }
# parts_of LOG LINE: loss parts; line 1 is the head, 2 the first step.
parts_of() { log $1 | cut -f 4- | awk -F '\t' -v OFS='\t' -v line="$2" 'NR == line { NF -= 5; print }'; }

for m in $methods; do
	for j in 1 3; do
		ok "$m with all heads, -j $j" train $m -a $all -j $j --state $m.$j.state -o $m.$j.model \
			-l $m.$j.log --log-every 1 <three_epochs
	done
	ok "... the same state" same $m.1.state $m.3.state
	ok "... and model" same $m.1.model $m.3.model
	like "$(log $m.1.log | head -n 1 | tr '\t' ' ')" " loss $m ${heads}lr " "... all parts are named in the log"
	is "$(log $m.1.log | awk -F'\t' '{ print NF }' | sort -u | wc -l)" 1 "... and each line has as many columns"
	is "$(log $m.1.log | grep -c -e nan -e inf)" 0 "... and are numbers"
	# three processes: 3 steps, up to an epoch's end, the rest
	part() { images --after $m.part.state | views | train $m -a $all --state $m.part.state -o $m.part.model --every 1 "$@"; }
	parts() { part --steps 2 -j 2 && part --steps 6 && part; }
	ok "... stopped twice and gone on" parts
	ok "... it ends with the same state" same $m.1.state $m.part.state
	ok "$m alone" train $m -o $m.alone -l $m.alone.log --log-every 1 <three_epochs
	is "$(parts_of $m.alone.log 2)" "$(parts_of $m.1.log 2 | cut -f 1)" "... starts with the loss that it has beside heads"
	[ "$(parts_of $m.alone.log 10)" != "$(parts_of $m.1.log 10 | cut -f 1)" ]
	result $? "... and ends with another: heads teach the backbone"
	ok "... that has features" bash -c "feat-extract -q --model $m.alone <three_epochs >$m.feat"
done
for m in moco byol; do
	ok "$m: the state has the momentum network" grep -aq '"momentum.layer4.1.conv2.weight"' $m.1.state
	ok "... the model has not" bash -c "! grep -aq momentum.layer $m.1.model"
done
ok "moco's queue is in the state" grep -aq '"queue"' moco.1.state
only() { train $1 -a $all --augself-only -o only.$1 <three_epochs; }
for m in $methods; do ok "$m: --augself-only" only $m; done

# --- grains: other last bits, and nothing else ---
# near A B: the loss parts of both first steps are the same but for rounding.
near() { paste <(parts_of "$1" 2 | tr '\t' '\n') <(parts_of "$2" 2 | tr '\t' '\n') |
	awk '{ d = $1 - $2; s = $1 < 0 ? -$1 : $1; if (d < 0) d = -d; if (d > 1e-5 * (s + 1e-3)) exit 1; n++ } END { exit !n }'; }
for m in $methods; do
	for j in 1 3; do
		train $m -a $all -j $j --grains 4 --state $m.g$j.state -o $m.g$j.model -l $m.g$j.log \
			--log-every 1 <three_epochs || diag "no model"
	done
	ok "$m in 4 grains: the same state on any number of threads" same $m.g1.state $m.g3.state
	ok "... begins with the losses of one" near $m.g1.log $m.1.log
	ok "... and is another run" bash -c "! cmp -s $m.g1.model $m.1.model"
done
part() { images --after grains.state | views | train simclr -a $all --grains 4 --state grains.state -o grains.model --every 1 "$@"; }
parts() { part --steps 4 -j 2 && part; }
ok "stopped and gone on" parts
ok "... it ends with the same state" same grains.state simclr.g1.state
must_fail 2 "grains that do not divide the batch" train simclr --grains 8 -o x.model <three_epochs
like "$(cat "$err")" '^ssl-train: grains: 8, but it has to be a power of two that divides the batch of 20, as 1$' "... are told what does"

# --- heads fed by a stage ---
for m in simsiam moco; do
	early() { train $m -a $all --augself-from 1 --state $m.early.state -o $m.early -l $m.early.log --log-every 1 "$@"; }
	ok "$m: heads at stage 1" early <three_epochs
	[ "$(parts_of $m.early.log 2 | cut -f 2-)" != "$(parts_of $m.1.log 2 | cut -f 2-)" ]; result $? "... see something else"
	like "$(tr '\0' ' ' <$m.early | head -c 4000)" 'augself-from = 1' "... the model says so"
	part()
	{
		images --after $m.part1.state | views | train $m -a $all --augself-from 1 --state $m.part1.state -o $m.part1 --every 1 "$@"
	}
	parts() { part --steps 4 -j 2 && part; }
	ok "... stopped and gone on" parts
	ok "... it ends with the same state" same $m.early.state $m.part1.state
	ok "... that has features" bash -c "feat-extract -q --model $m.early <three_epochs >$m.feat"
done
must_fail 2 "the state of heads at another stage" train simsiam -a $all --augself-from 2 \
	--state simsiam.early.state -o x.model <three_epochs
like "$(cat "$err")" "the state has 'augself-from = 1', this run 'augself-from = 2'" "... is named"
last() { train simsiam -a $all --augself-from 4 -o last -l last.log --log-every 1 <three_epochs; }
ok "the last stage" last
is "$(log last.log)" "$(log simsiam.1.log)" "... is what feeds them anyway"

# --- optimizers ---
optimizers=$(ssl-train --list | sed -n '/^optimizers/,$s/^  \([^ :]*\):.*/\1/p' | paste -sd" ")
is "$optimizers" "sgd lars adamw" "optimizers are listed"
for o in $optimizers; do
	by="--optimizer $o --base-lr .01" && [ $o = lars ] && by+=" --trust .01"
	ok "by $o" train simsiam $by --state $o.state -o $o.model -l $o.log --log-every 1 <three_epochs
	like "$(tr '\0' ' ' <$o.state | head -c 4000)" "optimizer = $o.*" "... which the state names"
	is "$(parts_of $o.log 2)" "$(parts_of sgd.log 2)" "... from the same start"
	part() { images --after $o.part.state | views | train simsiam $by --state $o.part.state -o $o.part.model --every 1 "$@"; }
	parts() { part --steps 4 && part; }
	ok "... stopped and gone on" parts
	ok "... it ends with the same state" same $o.state $o.part.state
	is "$(grep -aq '"exp_avg_sq.conv1.weight"' $o.state && echo $o)" "$([ $o != adamw ] || echo adamw)" \
		"... with what it keeps for each weight"
done
[ "$(log adamw.log | tail -n 1)" != "$(log sgd.log | tail -n 1)" ]; result $? "another optimizer, another end"
must_fail 2 "a state of another optimizer" train simsiam --base-lr .01 --state adamw.state -o x.model <three_epochs
like "$(cat "$err")" "the state has 'optimizer = adamw', this run 'optimizer = sgd'" "... is named"
images --after sgd.half.state | views | train simsiam --base-lr .01 --state sgd.half.state -o x.model -l half.log --log-every 1 --steps 4
sed -i '/^# optimizer = /d' half.log # as a program wrote it that knew of no other
half() { images --after sgd.half.state | views | train simsiam --base-lr .01 --state sgd.half.state -o x.model -l half.log --log-every 1; }
ok "a log that does not name its optimizer" half
is "$(log half.log)" "$(log sgd.log)" "... is gone on with"

# --- labels ---
unlabelled() { mkdir -p flat && for i in 1 2 3; do { printf 'P6\n8 8\n255\n'; head -c 192 /dev/zero | tr '\0' $i; } >flat/$i.ppm; done
	img-read -q files flat/*.ppm | views | train supervised --batch 2 --classes 5 -o x.model; }
must_fail 1 "supervised without labels" unlabelled
like "$(cat "$err")" 'label: -1 is none of 5 classes' "... says so"
must_fail 1 "a label beyond the classes" train supervised --classes 3 -o x.model <three_epochs
is "$(grep -c 'needs\?' "$err")" 0 "... which is said without a word of labels that there are"
must_fail 2 "one class" train supervised --classes 1 -o x.model <three_epochs
like "$(cat "$err")" '^ssl-train: classes: 1, at least 2 are needed' "... is said"
mkdir -p one/only && cp flat/*.ppm one/only || exit 1
single() { img-read -q folder one | views; }
single >one_class
must_fail 1 "a stream of one class" train supervised --batch 2 -o x.model <one_class
like "$(cat "$err")" '^ssl-train: classes: 1, at least 2 are needed' "... is said"
must_fail 2 "classes where there are no labels" train moco --classes 8 -o x.model <three_epochs

huge() { ssl-train -q $small --method moco --set queue=4194304,out=4096 -o x.model <three_epochs; }
must_fail 1 "a queue that no memory holds" huge
like "$(cat "$err")" 'a step takes [0-9]+ MiB, the machine has [0-9]+' "... with the numbers"

# --- configurations ---
config() { ssl-train --method swav --set prototypes=30 --wd 1e-3 -a crop=.5 --compat swav-loss --spare-norm 1 --seed 7 --dump-config; }
ok "--dump-config" config
cp "$out" swav.config
ok "--config reads it" ssl-train --config swav.config --dump-config
is "$(cat "$out")" "$(cat swav.config)" "... as it was"
ok "options go over it" ssl-train --config swav.config --wd .5 --dump-config
is "$(diff "$out" swav.config | grep '^[<>]' | tr '\n' ' ')" "< wd = 0.5 > wd = 0.001 " "... and change what they say alone"
effective() { train moco -a crop=1 -o conf.model --state conf.state -l conf.log <three_epochs; }
ok "a run" effective
sed -n 's/^# //p' conf.log >conf.config
ok "its log's head is a configuration" ssl-train --config conf.config --dump-config
is "$(cat "$out")" "$(cat conf.config)" "... the same"
like "$(cat conf.config)" '^size = 20$' "... with what the stream decided"
for f in conf.state conf.model; do
	like "$(tr '\0' ' ' <$f | head -c 4000)" 'method = moco.*queue=50.*epochs = 3' "$f has it"
done
again() { ssl-train -q --config conf.config -o again.model <three_epochs; }
ok "run from it" again
ok "... the model is the same" same again.model conf.model
must_fail 2 "views of another size than the recipe's" ssl-train -q --recipe stl10 -o x.model <three_epochs
like "$(cat "$err")" '96.*20' "... are named"
must_fail 2 "--recipe beside --config" ssl-train --recipe cifar --config swav.config --dump-config
must_fail 2 "what cannot be trained is not printed" ssl-train --method swap --dump-config
must_fail 2 "... nor a head's word without the head" ssl-train --compat blur-raw --dump-config
ok "--set twice" ssl-train --set hidden=64 --set bottleneck=16 --dump-config
like "$(cat "$out")" '^set = hidden=64,bottleneck=16$' "... is both"
printf 'batch = 64\0junk\n' >nul.config
must_fail 1 "a configuration with a zero byte" ssl-train --config nul.config --dump-config
printf 'batch = 64\nbach = 3\n' >bad.config
must_fail 1 "a configuration with a word that is none" ssl-train --config bad.config --dump-config
like "$(cat "$err")" '^ssl-train: bad.config: line 2: ' "... and its line"
while IFS='|' read -r line mistake; do
	printf '# mine\n%s\n' "$line" >bad.config
	must_fail 1 "a configuration with '$line'" ssl-train --config bad.config --dump-config
	like "$(cat "$err")" "^ssl-train: bad.config: line 2: $mistake" "... is named with its line"
done <<'END'
augself = crops=1|augself: 'crops' is none of crop, flip,
set = hiden=3|set: simsiam has no setting 'hiden', only hidden, bottleneck, layers, stop
compat = foo|compat: 'foo' says nothing to simsiam
method = simsam|method: 'simsam' is none of simsiam, moco,
trust = .001|trust: sgd has no use for it
arch = resnet19|arch: 'resnet19' is none of resnet18,
END
printf 'wd = 1e-4\nsize = 96\n' >bad.config
must_fail 1 "views of another size than the configuration's" ssl-train -q --config bad.config -o x.model <three_epochs
like "$(cat "$err")" '^ssl-train: bad.config: line 2: size: 96' "... are the file's mistake"
must_fail 2 "... or an option's" ssl-train -q --config bad.config --size 64 -o x.model <three_epochs
while IFS='|' read -r line mistake; do
	must_fail 2 "$line" eval "ssl-train $line --dump-config"
	like "$(cat "$err")" "^ssl-train: $mistake" "... says why"
done <<'END'
--config swav.config --set hiden=3|set: swav has no setting 'hiden'
--method simsam|method: 'simsam' is none of simsiam, moco, simclr, byol, swav, supervised
--augself crop|augself: crop has no weight: write crop=1
--augself none,crop=1|augself: 'none' stands alone
--augself ''|--augself: ''
--method moco --compat foo|compat: .*words that do: moco-enqueue-query$
--compat color-batch-order|compat: 'color-batch-order' is for aug-sample
--augself-from 5|augself-from: 5, but resnet18 has the stages 1 to 4 \(layer1, layer2, layer3, layer4\)$
--augself-from 9|--augself-from: 9 is not within
--trust .1|trust: sgd has no use for it: say --optimizer lars, or --trust 0$
--optimizer lars|optimizer: lars needs a trust coefficient: add --trust .001$
--optimizer adamw --trust .1|trust: adamw has no use for it: say --optimizer lars
--optimizer adam|optimizer: 'adam' is none of sgd, lars, adamw
--method swav --compat swav-freeze-409 --set freeze-steps=3|compat: swav-freeze-409 and freeze-steps=3 exclude each other
END
ok "--set over a recipe's" ssl-train --set layers=4 --recipe imagenet --set hidden=64 --set layers=2 --dump-config
like "$(cat "$out")" '^set = hidden=64,layers=2$' "... stands once, the last word"
ok "--augself none takes a recipe's heads away" ssl-train --recipe stl10 --augself none --dump-config
must_fail 2 "a setting that must be whole" train moco --set queue=1.5 -o x.model <three_epochs

# --- faults of the release: each changes what it names, and nothing before it ---
compat() { train $2 -a blur=1,solarize=1 --compat $3 -o $1.model -l $1.log --log-every 1 <three_epochs; }
for m in simsiam moco swav; do
	train $m -a blur=1,solarize=1 -o right.$m.model -l right.$m.log --log-every 1 <three_epochs
done
for word in blur-raw solarize-broadcast; do
	ok "--compat $word" compat $word simsiam $word
	[ "$(parts_of $word.log 10 | cut -f 1)" != "$(parts_of right.simsiam.log 10 | cut -f 1)" ]
	result $? "... changes what the method learns"
	is "$(parts_of $word.log 2 | cut -f 1)" "$(parts_of right.simsiam.log 2 | cut -f 1)" "... the method's first loss is the same"
done
[ "$(parts_of blur-raw.log 2 | cut -f 2)" != "$(parts_of right.simsiam.log 2 | cut -f 2)" ]; result $? "blur-raw changes blur's loss"
is "$(parts_of blur-raw.log 2 | cut -f 3)" "$(parts_of right.simsiam.log 2 | cut -f 3)" "... and not solarize's"
[ "$(parts_of solarize-broadcast.log 2 | cut -f 3)" != "$(parts_of right.simsiam.log 2 | cut -f 3)" ]
result $? "solarize-broadcast changes solarize's loss"
is "$(parts_of solarize-broadcast.log 2 | cut -f 2)" "$(parts_of right.simsiam.log 2 | cut -f 2)" "... and not blur's"
ok "--compat moco-enqueue-query" compat query moco moco-enqueue-query
is "$(parts_of query.log 2)" "$(parts_of right.moco.log 2)" "... the first step is the same"
[ "$(parts_of query.log 3 | cut -f 1)" != "$(parts_of right.moco.log 3 | cut -f 1)" ]; result $? "... the second sees other keys"
ok "--compat swav-freeze-409" compat freeze swav swav-freeze-409
is "$(log freeze.log | sed -n 2,4p)" "$(log right.swav.log | sed -n 2,4p)" "... the first epoch is the same"
is "$(parts_of freeze.log 5 | cut -f 1)" "$(parts_of right.swav.log 5 | cut -f 1)" "... and the first loss of the second"
[ "$(parts_of freeze.log 6 | cut -f 1)" != "$(parts_of right.swav.log 6 | cut -f 1)" ]
result $? "... after which prototypes move, or do not"
cold="hidden=64,out=16,prototypes=20,temperature=.004"
ok "swav at a temperature at which softmax underflows" ssl-train -q $small --method swav --set $cold --steps 3 -o x.model <three_epochs
cold_loss() { ssl-train -q $small --method swav --set $cold --compat swav-loss --steps 3 -o y.model <three_epochs; }
must_fail 1 "... in two steps has no finite loss" cold_loss
ok "--compat swav-loss at its own temperature" compat two swav swav-loss
must_fail 2 "a word that says nothing to the method" train simsiam --compat swav-loss -o x.model <three_epochs
must_fail 2 "a word whose head is not there" train simsiam --compat blur-raw -a crop=1 -o x.model <three_epochs
must_fail 2 "a word with a value" train swav --compat swav-loss=0 -o x.model <three_epochs
must_fail 2 "a word that is none" train moco --compat moco-enqueue -o x.model <three_epochs

# color-batch-order: where colours change, all images of a batch share a view's order,
# which differs from batch to batch; nothing else is drawn differently.
drawn() { images | aug-sample -q --preset cifar "$@" | rec-view | grep '^{"seq"'; }
# seq/16 of its epoch of 70, view, order: for every view whose colour is on
orders() {
	sed -E 's/^\{"seq":([0-9]+),.*"color.on":([01]),.*"color.order":([0-9]+),.*"color.on":([01]),'\
'.*"color.order":([0-9]+),.*/\1 \2 \3 \4 \5/' "$1" |
		awk '{ b = int($1 / 70) "." int($1 % 70 / 16); if ($2) print b, 1, $3; if ($4) print b, 2, $5 }' | sort -u
}
drawn --batch 16 --compat color-batch-order >batch.drawn
result $? "--compat color-batch-order"
drawn --seed 0 >right.drawn
is "$(orders batch.drawn | wc -l)" 30 "one order for each of 15 batches and 2 views"
[ "$(orders batch.drawn | cut -d ' ' -f 3 | sort -u | wc -l)" -gt 10 ]; result $? "... which differ"
[ "$(orders right.drawn | wc -l)" -gt 200 ]; result $? "without the word every view has its own"
is "$(sed -E 's/"color.order":[0-9]+//g' batch.drawn | cksum)" "$(sed -E 's/"color.order":[0-9]+//g' right.drawn | cksum)" \
	"... and nothing else differs"
must_fail 2 "a batch without the word" bash -c 'img-synth -q --count 2 | aug-sample -q --batch 4'
must_fail 2 "the word without color" \
	bash -c 'printf "size = 8\nop = crop\n" >p; img-synth -q --count 2 | aug-sample -q --policy p --compat color-batch-order --batch 4'

# --- collapse: what the stop-gradient is for ---
case $BUILD in *asan* | *tsan*) # all that runs here has run above
	skip "collapse" "600 steps take minutes with sanitizers"
	done_testing
	;;
esac
images --count 200 --epochs 60 | aug-sample -q --preset cifar --size 16 | aug-apply -q >sixty_epochs
stopped() { ssl-train -q --width 0.0625 --batch 40 --base-lr 1 --wd 5e-3 --set "hidden=64,bottleneck=16,stop=$1" -o s.model <sixty_epochs; }
ok "without the stop-gradient training goes on" stopped 0
like "$(cat "$err")" '^ssl-train: collapse: at step [0-9]+, epoch [0-9]+ the features. spread is 0\.[012]' \
	"... and says that features collapse"
ok "with it" stopped 1
is "$(grep collapse "$err")" "" "... they do not"
done_testing
