#!/usr/bin/env bash
# Model files: ours are what was written, to the bit; those of others are read under any prefix,
# and refused by name where they are another network.
. "${0%/*}/../lib.sh"

img-synth -q --count 3 >img
img-synth -q --count 4 | aug-sample -q | aug-apply -q >views
train() { ssl-train -q --width 0.0625 -b 4 "$@" <views; }
ok "a model of a random network" train -m supervised --steps 0 -o own
narrow=(-m moco --set "queue=4,hidden=16,out=8")
ok "a model and a state of a method with a momentum network" train "${narrow[@]}" --state state -o moco
features() { feat-extract "$@" <img; }
values() { features -q "$@" | rec-view - | grep '"seq"'; }
id() { features -q "$@" | rec-view - | grep -o 'model:[0-9a-f]*'; }
own=$(values --model own)

# ---- checksums ----

# bit FILE N: FILE with bit N another, in `flipped`.
bit()
{
	local byte
	cp "$1" flipped
	byte=$(od -An -tu1 -j $(($2 / 8)) -N 1 "$1")
	printf '%b' "$(printf '\\x%02x' $((byte ^ 1 << $2 % 8)))" | dd of=flipped bs=1 seek=$(($2 / 8)) conv=notrunc status=none
}
# Some bits of the metadata, of the header behind it, and of the data.
for file in moco state; do
	size=$(($(stat -c %s $file) * 8)) missed=""
	for at in 5 40 77 100 271 300 500 900 1500 4000 8000 9001 12000 $((size / 3)) $((size / 2 + 3)) $((size - 31)) $((size - 1)); do
		bit $file "$at"
		features --model flipped >"$scratch/out" 2>"$scratch/err"
		[ $? = 1 ] && [ "$(wc -l <"$scratch/err")" = 1 ] && grep -q '^feat-extract: flipped: ' "$scratch/err" || missed+=" $at"
	done
	is "$missed" "" "$file: a bit that is another is one line and exit 1"
done
bit state $((size - 9))
must_fail 1 "a damaged state is not gone on from" train "${narrow[@]}" --state flipped -o x
like "$(cat "$err")" '^ssl-train: flipped: damaged: its checksum is [0-9a-f]{16}, its bytes make [0-9a-f]{16}' "... for its checksum"
must_fail 1 "... nor by a source" img-synth --count 4 --after flipped
is "$(sed -E 's/("xxh64":")[0-9a-f]{16}/\10000000000000000/' own | wc -c)" "$(stat -c %s own)" "the checksum is 16 digits"
like "$(head -c 60 own | tail -c +9)" '^\{"__metadata__":\{"xxh64":"[0-9a-f]{16}","' "... the first key of the metadata"

# unsealed FORMAT: our model as 0.1.0 wrote it, of this format.
unsealed()
{
	local n text
	n=$(od -An -tu8 -N 8 own)
	text=$(tail -c +9 own | head -c "$n" | sed -E "s/\"xxh64\":\"[0-9a-f]*\",//; s/augself-model 2/$1/; s/ *\$//")
	{ le64 ${#text}; printf %s "$text"; tail -c +$((9 + n)) own; } >unsealed
}
# le64 N: its bytes.
le64()
{
	local n=$1 i text=""
	for i in 1 2 3 4 5 6 7 8; do
		text+=$(printf '\\x%02x' $((n & 255)))
		n=$((n >> 8))
	done
	printf '%b' "$text"
}
unsealed "augself-model 1"
is "$(values --model unsealed 2>said)" "$own" "a model of 0.1.0 is read"
like "$(cat said)" '^feat-extract: unsealed: of augself 0.1.0, which gave files no checksum' "... with a word"
unsealed "augself-model 2"
must_fail 1 "of a later one no checksum may be missing" features --model unsealed
unsealed pt
must_fail 1 "... whatever its format is called" features --model unsealed
like "$(cat "$err")" "^feat-extract: unsealed: damaged, or no file of augself: its metadata has 'recipe'" "... as it has other keys of ours"

# ---- the model's name ----
like "$(id --model own)" "^model:$(head -c 50 own | tail -c 16)$" "features name the model by its checksum"
train -m supervised --steps 0 -o /dev/stdout >piped
ok "a model written into a pipe has the bytes of a file" cmp piped own
train -m supervised -s 1 --steps 0 -o other
is "$(id --model <(cat own)) $(id --model <(cat other))" "$(id --model own) $(id --model other)" \
	"a model read from a pipe has its name, too"
features -q --model <(cat own) >a.feat
features -q --model <(cat other) >b.feat
must_fail 1 "... so that the features of two do not meet" knnprobe --train a.feat --test b.feat
like "$(ssl-train --width 0.0625 -b 4 -m supervised --steps 0 -o own <views 2>&1)" \
	"sealed $(head -c 50 own | tail -c 16) model of 0 steps" "... as ssl-train said it"

# ---- files of others ----

# read_model FILE: its header without metadata into $json, its data into `data`.
read_model()
{
	local n
	n=$(od -An -tu8 -N 8 "$1")
	json=$(tail -c +9 "$1" | head -c "$n" | sed -E 's/^\{"__metadata__":\{[^}]*\},/{/; s/ *$//')
	tail -c +$((9 + n)) "$1" >data
}
write_model() { { le64 ${#json}; printf %s "$json"; cat data; } >"$1"; }
# with NAME DTYPE SHAPE BYTES: one more tensor, of zeros.
with()
{
	local at
	at=$(stat -c %s data)
	head -c "$4" /dev/zero >>data
	json="${json%\}},\"$1\":{\"dtype\":\"$2\",\"shape\":$3,\"data_offsets\":[$at,$((at + $4))]}}"
}
# poke TENSOR BYTES: its first value.
poke()
{
	local at
	at=$(sed -E "s/.*\"$1\":\{[^}]*\"data_offsets\":\[([0-9]+),.*/\1/" <<<"$json")
	printf '%b' "$2" | dd of=data bs=1 seek="$at" conv=notrunc status=none
}
read_model own
plain=$json
cp data plain.data
again() { json=$plain; cp plain.data data; }
# under PREFIX: all names behind it.
under() { json=$(sed -E "s/\"([a-z][^\":]*)\":\{\"dtype\"/\"$1\1\":{\"dtype\"/g" <<<"$json"); }
write_model plain
cifar=(--stem cifar --size 32)
want=$(values "${cifar[@]}" --model plain)
is "$(wc -l <<<"$want")" 3 "a file without metadata"

must_fail 2 "a 3x3 stem of which nothing is said" features --model plain
like "$(cat "$err")" '^feat-extract: plain: its first convolution is 3x3, .*say --stem cifar$' "... says what to say"
must_fail 2 "a stem that is another than the shapes" features --stem imagenet --model own
like "$(cat "$err")" "^feat-extract: own: stem: 'imagenet', but the file says that it is 'cifar': leave --stem out\$" \
	"... says what the file says"
must_fail 1 "a stem that shapes exclude" features --stem imagenet --model plain
like "$(cat "$err")" 'tensor conv1.weight: shape \(4,3,3,3\) where \(4,3,7,7\) is expected' "... says so"
must_fail 2 "a stem that does not exist" features --stem mnist --model plain
is "$(values --stem cifar --model own)" "$own" "what the metadata say may be said again"
must_fail 2 "a stem of no model" features --pixels --stem cifar
must_fail 2 "a prefix of no model" features --pixels --prefix x

for prefix in module. backbone. encoder. encoder_q. module.encoder_q. online_network. momentum. \
	classy_state_dict.base_model.model.trunk._feature_blocks. some.body.s.own; do
	again
	under "${prefix%.}."
	write_model wrapped
	is "$(values "${cifar[@]}" --model wrapped)" "$want" "names under $prefix"
done
features "${cifar[@]}" --model wrapped >/dev/null 2>said
like "$(cat said)" "^feat-extract: resnet18 cifar x0.0625, 32 px, mean and std of ImageNet, under 'some.body.s.own.'\$" "... which is said"
is "$(values "${cifar[@]}" --prefix some.body.s.own --model wrapped)" "$want" "... and may be asked for"
is "$(id "${cifar[@]}" --prefix some.body.s.own --model wrapped)" "$(id "${cifar[@]}" --model wrapped)" "... which is no other network"
must_fail 2 "another prefix" features "${cifar[@]}" --prefix some.body --model wrapped
like "$(cat "$err")" "no network under 'some.body', only 'some.body.s.own.'" "... says which there is"
for layer1 in 2 3 4; do # a Sequential of children: conv1, bn1, relu, maxpool, layer1...
	again
	json=$(sed -E 's/"conv1\./"0./g; s/"bn1\./"1./g' <<<"$json")
	for i in 1 2 3 4; do json=${json//\"layer$i./\"$((layer1 + i - 1)).}; done
	json=$(sed -E 's/"([0-9][^":]*)":\{"dtype"/"backbone.\1":{"dtype"/g' <<<"$json")
	write_model numbered
	is "$(values "${cifar[@]}" --model numbered)" "$want" "children of a Sequential, layer1 is number $layer1"
done
with backbone.2.weight F32 '[4]' 16
write_model numbered
must_fail 1 "... with weights in the activation" features "${cifar[@]}" --model numbered
like "$(cat "$err")" '^feat-extract: numbered: tensor relu.weight: ' "... are refused"

# Two in one file.
read_model other
under encoder_k.
keys=${json#\{} # behind the query's data
cp data keydata
again
under encoder_q.
keys=$(awk -v add="$(stat -c %s data)" '{ while (match($0, /\[[0-9]+,[0-9]+\]\}/)) { split(substr($0, RSTART + 1, RLENGTH - 3), n, ",");
	printf "%s[%d,%d]}", substr($0, 1, RSTART - 1), n[1] + add, n[2] + add; $0 = substr($0, RSTART + RLENGTH) } print }' <<<"$keys")
json="${json%\}},$keys"
cat keydata >>data
write_model two
must_fail 2 "two networks in one file" features "${cifar[@]}" --model two
like "$(cat "$err")" \
	"^feat-extract: two: holds 2 networks, under 'encoder_[kq].', 'encoder_[kq].': choose one by --prefix\$" "... are named"
is "$(values "${cifar[@]}" --prefix encoder_q --model two)" "$want" "... and chosen"
[ "$(values "${cifar[@]}" --prefix encoder_k. --model two)" != "$want" ]; result $? "... each"
[ "$(id "${cifar[@]}" --prefix encoder_k --model two)" != "$(id "${cifar[@]}" --prefix encoder_q --model two)" ]
result $? "... under names of their own"
is "$(values --model state)" "$(values --model moco)" "a state's network is the trained one"
is "$(id --model state --prefix '')" "$(id --model state)" "... also when it is asked for"
[ "$(values --model state --prefix momentum)" != "$(values --model state)" ]; result $? "... and its average can be asked for"
must_fail 1 "... but not its velocities" features --model state --prefix velocity
like "$(cat "$err")" 'tensor bn1.running_mean: not in the file' "... which are no network"

# What belongs to the backbone is used, or named.
for left in conv1.bias conv2.weight bn2.weight relu.weight act1.weight maxpool.0.weight layer1.2.conv1.weight layer5.0.conv1.weight \
	layer1.0.se.fc1.weight layer2.0.downsample.2.weight layer1.0.conv1.bias layer4.1.aa.filt layer0.0.weight bn1.weight_v; do
	again
	with $left F32 '[4]' 16
	write_model more
	features "${cifar[@]}" --model more >"$scratch/out" 2>"$scratch/err"
	is "$? $(cat "$scratch/err")" "1 feat-extract: more: tensor $left: not part of a network that is known here" "$left is refused"
done
again
under net.
with net.layer1.0.se.fc1.weight BOOL '[4]' 4
write_model more
must_fail 1 "... under a prefix, of whatever dtype" features "${cifar[@]}" --model more
again
json=${json/\"layer3.0.bn2.weight\"/\"layer3.0.bn3.weight\"}
write_model less
must_fail 1 "a tensor that is missing" features "${cifar[@]}" --model less
again
json=${json/\"dtype\":\"F32\",\"shape\":\[8,4,3,3\]/\"dtype\":\"F32\",\"shape\":[4,8,3,3]}
write_model turned
must_fail 1 "a tensor of another shape" features "${cifar[@]}" --model turned
like "$(cat "$err")" 'tensor layer2.0.conv1.weight: shape \(4,8,3,3\) where \(8,4,3,3\) is expected' "... is named"

# What is none of the backbone is free.
again
long=$(printf 'n%.0s' {1..300})
with head.weight F32 '[2,2]' 16
with queue_ptr U16 '[1]' 2
with mask BOOL '[3]' 3
with projector.0.weight F8_E4M3 '[2]' 2
with head.volume F32 '[1,1,1,1,1,1]' 4
with later Q4_K '[256]' 144
with "$long" F32 '[1]' 4
write_model more
is "$(values "${cifar[@]}" --model more)" "$want" "heads, odd dtypes, dimensions and long names stand in nobody's way"
must_fail 1 "... until they are asked for" features "${cifar[@]}" --layer projector --model more
again
with projector.0.weight F32 '[2,32]' 256
with projector.0.bias F32 '[2]' 8
write_model projector
ok "a projector" features "${cifar[@]}" --layer projector --model projector
with projector.1.weight F32 '[2]' 8
write_model projector
must_fail 1 "... with what ours has not" features "${cifar[@]}" --layer projector --model projector
like "$(cat "$err")" 'tensor projector.1.weight: not part' "... is refused"
[ "$(id --model moco --layer projector)" != "$(id --model moco)" ]; result $? "a projection has a name of its own"

# Values that cannot be.
for t in conv1.weight bn1.weight bn1.running_mean bn1.running_var layer3.1.bn2.bias layer4.1.conv2.weight; do
	for value in '\x00\x00\xc0\x7f' '\x00\x00\x80\xff'; do
		again
		poke $t "$value"
		write_model lost
		must_fail 1 "$t: a value of $value" features "${cifar[@]}" --model lost
		like "$(cat "$err")" "^feat-extract: lost: tensor $t: value 0 is not finite\$" "... is named"
	done
done
again
poke layer2.0.downsample.1.running_var '\x00\x00\x80\xbf'
write_model lost
must_fail 1 "a negative variance" features "${cifar[@]}" --model lost
like "$(cat "$err")" 'tensor layer2.0.downsample.1.running_var: value 0 is -1, and cannot be negative' "... is named"
again
for t in conv1 layer1.0.conv1 layer1.1.conv1 layer2.0.conv1 layer2.0.conv2 layer3.0.conv1 layer4.0.conv2; do
	poke $t.weight '\xff\xff\x7f\x7f'
done
poke bn1.running_var '\x00\x00\x00\x00'
write_model lost
must_fail 1 "a network that overflows" features "${cifar[@]}" --model lost
like "$(cat "$err")" '^feat-extract: \(stdin\):record 0: features: not finite: the network overflows on this image$' "... seals nothing"

# Other formats.
printf 'PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0archive/data.pkl' >model.pth
must_fail 1 "a PyTorch file" features --model model.pth
is "$(grep -c 'import torch.*torch.load("model.pth".*}, "model.safetensors")'"'"'$' "$err") $(wc -l <"$err")" "1 3" \
	"... is told with a command, which names it"
cp model.pth "$scratch/some run.d.ckpt"
must_fail 1 "... of another name" features --model "$scratch/some run.d.ckpt"
like "$(sed -n 2p "$err")" "load\(\"$scratch/some run.d.ckpt\", .*, \"$scratch/some run.d.safetensors\"\)'\$" "... is named, too"
cp model.pth "it's"
must_fail 1 "... of a name that needs quotes" features --model "it's"
like "$(sed -n 2p "$err")" 'torch.load\("model.pth"' "... in an example"
# other NAME BYTES WORDS: such a file is refused in these words.
other()
{
	printf %b "$2" >"$1"
	must_fail 1 "$1" features --model "$1"
	like "$(cat "$err")" "$3" "... says what to do"
}
zip='PK\03\04\0\0\010\010\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
other a.npz "$zip\\016\\0\\0\\0conv1.bias.npy" "^  python3 -c 'import numpy.*numpy.load\(\"a.npz\"\)\), \"a.safetensors\"\)'\$"
other a.npy '\0223NUMPY\01\0' 'is one array of NumPy \(.npy\), and a network has many'
other a.onnx '\010\010\022\07pytorch' 'ONNX file.*give the safetensors file or the .pth that it was made from$'
other a.keras "$zip\\015\\0\\0\\0metadata.json" 'a zip archive, but not of torch.save: unpack it'
other a.pkl '\0200\04\0225' "is a pickle; if it is PyTorch's, this command converts it:"
other a.h5 '\0211HDF\r\n\032\n' "is an HDF5 file, as Keras writes it.*"
other a.gguf 'GGUF\03\0\0\0' "ResNets with torchvision's names"
ok "an ONNX file of ours" model-export -q -m own --onnx own.onnx
must_fail 1 "... is no model either" features --model own.onnx
like "$(cat "$err")" '^feat-extract: own.onnx: seems to be an ONNX file' "... and known for what it is"
must_fail 1 "... as a state, too" train --state model.pth -o x
must_fail 1 "an empty file" features --model /dev/null
done_testing
