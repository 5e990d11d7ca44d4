#!/usr/bin/env bash
# Every reader of a published set on the set that img-synth writes in its layout. Reader and writer were written apart,
# from the same description: what the writer says is there is what the reader must find, in the same order.
. "${0%/*}/../lib.sh"

# same TABLE SPLIT [boxes|objects] < RECORDS: nothing if they tell the same, else the first difference. A name may lack the first
# folders. Boxes are a list of y, x, height, width, as fractions of the image; of objects the names are compared too.
same()
{
	perl -MJSON::PP -e '
		use strict;
		my ($table, $split, $what) = @ARGV;
		open my $f, "<", $table or die;
		my @fact = grep { $split eq "*" ? $. > 1 : $_->[0] eq $split } map { chomp; [split /\t/, $_, -1] } <$f>;
		shift @fact if $split eq "*";
		my ($i, $boxes, $class) = (0, 0);
		sub wrong { print "image $i: ", @_, "\n"; exit }
		sub box { my ($name, @b) = @_; return join ",", map({ sprintf "%.2f", $_ } @b), $what eq "objects" ? $name : () }
		while (my $line = <STDIN>) {
			my $r = decode_json($line);
			$class = $r->{header}{classes} if $r->{header};
			next unless exists $r->{seq};
			my $fact = $fact[$i++] or wrong "the table has no more";
			my (undef, $name, $label, $text, @box) = @$fact;
			my $got = exists $r->{name} ? $r->{name} : $r->{id};
			"/$name" =~ m{/\Q$got\E$} or wrong "$got, not $name";
			$got = exists $r->{label} ? $r->{label} : -1;
			$got == $label or wrong "label $got, not $label";
			$label < 0 or $class->[$label] eq $text or wrong "class $class->[$label], not $text";
			my $map = $r->{boxes} or !$what and next;
			my ($h, $w) = @{$r->{file}}{"height", "width"};
			my @found;
			for my $c (keys %$map) {
				my @b = @{$map->{$c}};
				while (my ($y, $x, $high, $wide) = splice @b, 0, 4) {
					push @found, box($c, $x * $w, $y * $h, $wide * $w, $high * $h);
				}
			}
			my $is = join " ", sort @found;
			my $should = join " ", sort map { my @b = split /,/; box(pop @b, @b) } @box;
			$is eq $should or wrong "boxes $is, not $should";
			$boxes += @found;
		}
		$i == @fact or wrong "there are no more, where the table has ", scalar @fact;
		$i && ($boxes || !$what) or wrong "nothing there";' "$@" || echo "cannot be compared"
}

# layout, split of the table (*: all lines), split of the reader, and what boxes it gives.
table()
{
	cat <<-END
	cifar10            train     trainval
	cifar10            test      test
	cifar100           train     trainval
	cifar100           test      test
	fc100              all       test
	stl10              train     trainval
	stl10              test      test
	stl10              unlabeled unlabeled
	food101            train     trainval
	food101            test      test
	mit67              train     trainval
	mit67              test      test
	mit67-folders      train     trainval
	mit67-folders      test      test
	pets               trainval  trainval
	pets               test      test
	flowers102         train     train
	flowers102         val       val
	flowers102         test      test
	flowers102-folders train     train
	flowers102-folders val       val
	flowers102-folders test      test
	caltech101         all       all
	cars               train     trainval
	cars               test      test
	cars-folders       train     trainval
	cars-folders       test      test
	aircraft           train     train
	aircraft           val       val
	aircraft           test      test
	dtd                train     train
	dtd                val       val
	dtd                test      test
	sun397             train     trainval
	sun397             test      test
	cub200             train     trainval  boxes
	cub200             test      test      boxes
	cub200             *         all       boxes
	dogs               train     trainval
	dogs               test      test
	imagenet           train     train
	imagenet           val       val
	imagenet100        train     train
	imagenet100        val       val
	plant-disease      train     train
	plant-disease      valid     test
	plant-disease      *         all
	voc                train     train     objects
	voc                val       val       objects
	voc                trainval  trainval  objects
	voc                test      test      objects
	END
}

is "$(table | awk '{ print $1 }' | sort -u)" "$(img-synth --list | awk '{ print $1 }' | sort)" "every layout is tried"
img-read --list | sed -nE 's/^  ([a-z0-9-]+): .*/\1/p' >readers
while read -r layout set folder _; do
	if ! grep -qx "$set" readers; then
		skip "$layout" "img-read has no $set"
		continue
	fi
	img-synth --layout "$layout" --out "$layout" --facts "$layout.tsv" --size 24 -s 3 || break
	table | awk -v l="$layout" '$1 == l' | while read -r _ split reader what; do
		echo "$split $reader $what"
	done >splits
	while read -r split reader what; do
		run img-read -q "$set" "$layout/$folder" --split "$reader"
		if grep -qE 'matio|expat' "$err"; then
			skip "$layout: $reader" "$(head -n 1 "$err")"
			continue
		fi
		is "$status $(rec-view "$out" | same "$layout.tsv" "$split" "$what")$(grep -v 'the published set has' "$err")" "0 " \
			"$layout: $reader is what was written"
	done <splits
	rm -rf "$layout"
done < <(img-synth --list)

# Labels and names say nothing of pixels. The layouts of cifar10 and stl10 hold the same pictures, of 32 and 96 pixels, by rows
# and by columns: each is nearest to itself.
for s in cifar10/cifar-10-batches-bin stl10/stl10_binary; do
	img-synth --layout "${s%/*}" --out "${s%/*}"
	img-read -q "${s%/*}" "$s" --split test 2>/dev/null | feat-extract -q --pixels --size 8 >"${s%/*}.feat"
done
knnprobe -q --train cifar10.feat --test stl10.feat --neighbours near >/dev/null 2>&1
is "$(awk -F'\t' 'NR > 1 { print ($1 == $3 && $4 > 0.999) }' near | sort | uniq -c | xargs)" "40 1" \
	"stl10's pictures are upright, as cifar10's"
done_testing
