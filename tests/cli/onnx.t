#!/usr/bin/env bash
# model-export: an ONNX file appears whole, has the inputs and outputs that --list says, and is refused where there is nothing
# to write. What is in it, tests/unit/onnx.c reads and computes; onnxruntime, where it is there, computes it once more.
. "${0%/*}/../lib.sh"

drawn() { img-synth -q --count "$1" --size "$2" | aug-sample -q --size "$2" --preset cifar | aug-apply -q; }
drawn 24 32 >views
train() { ssl-train -q --width 0.0625 -b 12 -j 1 --head-hidden 16 "$@"; }
small=(--set "hidden=32,bottleneck=8")
ok "a model with heads" train "${small[@]}" --augself crop=1,flip=1 --state state -o model <views
ok "a model with a classifier" train -m supervised -o classes <views

# ---- what there is ----
ok "a file" model-export --model model --onnx a.onnx
like "$(cat "$err")" '^model-export: a.onnx: 7[0-9] nodes, 1 outputs, [0-9]+ bytes$' "says what it wrote"
is "$(stat -c %s a.onnx)" "$(sed -n 's/.* \([0-9]*\) bytes$/\1/p' "$err")" "... with its size"
[ ! -e a.onnx.part ]; result $? "nothing is left beside it"
ok "again, with all" model-export -q -m model --onnx b.onnx --with all --list
is "$(cut -f1-4 "$out")" "$(printf '%s\n' $'what\tname\tdtype\tshape' $'input\timages\tfloat32\t(batch,3,32,32)' \
	$'input\tothers\tfloat32\t(batch,3,32,32)' $'output\tfeatures\tfloat32\t(batch,32)' $'output\tprojection\tfloat32\t(batch,32)' \
	$'output\tprediction\tfloat32\t(batch,32)' $'output\tcrop\tfloat32\t(batch,4)' $'output\tflip\tfloat32\t(batch,1)')" \
	"all that it has is listed"
ok "the same again" model-export -q -m model --onnx c.onnx --with projector,predictor --with heads
ok "is the same bytes" cmp b.onnx c.onnx
missing=""
for name in images others features projection prediction crop flip conv1.weight augself.crop.6.bias augself.mean; do
	grep -aq "$name" b.onnx || missing+="$name "
done
is "$missing" "" "the file has their names"
is "$(grep -ac 'augself\.crop\|others' a.onnx)" 0 "what was not asked for is not in it"
grep -aq "$(head -c 50 model | tail -c 16)" a.onnx; result $? "the seal of the model is"
ports() { model-export -q -m model --list "$@" | sed 1d | cut -f2-4; }
is "$(ports --input bytes)" "$(printf '%s\n' $'images\tuint8\t(batch,32,32,3)' $'features\tfloat32\t(batch,32)')" "bytes"
is "$(ports --input normalised --any-size)" "$(printf '%s\n' $'images\tfloat32\t(batch,3,height,width)' $'features\tfloat32\t(batch,32)')" \
	"any size"
is "$(ports --size 48 --with predictor | tail -n 3)" \
	"$(printf '%s\n' $'features\tfloat32\t(batch,32)' $'projection\tfloat32\t(batch,32)' $'prediction\tfloat32\t(batch,32)')" \
	"a prediction brings its projection"
is "$(model-export -q -m classes --list --with all | tail -n 1 | cut -f1-4)" $'output\tlogits\tfloat32\t(batch,8)' "a classifier"
must_fail 2 "a momentum network of a method that has none" model-export -m state --list --prefix momentum
state() { model-export -q -m state --onnx d.onnx --with all; }
ok "a state" state
is "$(model-export --list | grep -c '^  [a-z]*: .')" 7 "what may be named"
ok "from a pipe" model-export -q -m <(cat model) --onnx d.onnx
ok "... the same" cmp a.onnx d.onnx
model-export -q -m model --onnx /dev/stdout >d.onnx
ok "into a pipe" cmp a.onnx d.onnx

# ---- what there is not ----
must_fail 2 "no model" model-export --onnx x
must_fail 2 "nothing to write" model-export -m model
must_fail 2 "a part that is none" model-export -m model --onnx x --with projecter
is "$(cat "$err")" "model-export: part: 'projecter' is none of projector, predictor, classifier, heads; did you mean 'projector'?" \
	"... is told what is near"
must_fail 1 "a part that it has not" model-export -m classes --onnx x --with heads
is "$(tail -n 1 "$err")" "model-export: classes: has no heads: beside the backbone it has classifier" "... and what it has"
must_fail 2 "an input that is none" model-export -m model --onnx x --input byte
like "$(cat "$err")" "^model-export: --input: input: 'byte' is none of unit, bytes, normalised; did you mean 'bytes'\?$" "... is told"
must_fail 2 "the model's own file" model-export -m model --onnx model
must_fail 1 "a full disk" model-export -m model --onnx /dev/full
like "$(cat "$err")" 'No space left' "... is said"
head -c 5000 model >short
must_fail 1 "a model that is cut off" model-export -m short --onnx x
[ ! -e x ] && [ ! -e x.part ]; result $? "and no file came of these"

# ---- by others ----
python=$(python_with "numpy, onnxruntime")
if [ -z "$python" ]; then
	skip "onnxruntime computes the same" "python3 with numpy and onnxruntime is not there"
	done_testing
	exit
fi
# same WHAT SIZE OPTIONS...: of a model trained so, in each of the forms of its input.
same()
{
	local what=$1 size=$2 input more=()
	drawn 24 "$size" >v.rec
	ok "$what: a model" train "${@:3}" -o m <v.rec
	feat-extract -q --model m <v.rec | rec-export -q f.npy >table
	rec-export -q v.npy <v.rec >table
	if feat-extract -q --model m --layer projector <v.rec 2>said >p.rec; then
		rec-export -q p.npy <p.rec >table
		more=(p.npy)
	fi
	for input in unit bytes normalised; do
		model-export -q -m m --onnx m.onnx --with all --input $input
		ok "$what of $input: onnxruntime computes the same" "$python" "$top/tests/python/onnx_run.py" \
			m.onnx m v.npy f.npy "${more[@]}"
		sed 's/^/# /' "$out"
	done
}
same "resnet18, cifar's stem" 32 "${small[@]}" --augself crop=1,color=1,flip=1
same "resnet18, imagenet's stem" 64 -m byol --set hidden=16,out=8 --stem imagenet --width .125 --augself crop=1 --augself-from 3
same "resnet34" 48 -m supervised --arch resnet34 --stem imagenet
same "resnet50" 48 -m simclr --set out=8 --arch resnet50 --stem imagenet
block "$top/man/model-export.1" onnx.py >example.py
model-export -q -m model --onnx model.onnx --input bytes --with heads && rec-export -q views.npy <views >table
ok "the example of the page" "$python" example.py
is "$(cat "$out")" "(24, 32) (24, 4)" "prints two shapes"
done_testing
