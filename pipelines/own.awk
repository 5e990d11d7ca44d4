# own.awk: what came out of own.mk, in a few lines for people, of the figures of its report (own.tsv): how well a linear classifier on
# each kind of features tells the classes, and what that means; without classes, what the network knows of crop and colour.
# -v chance=PERCENT is what guessing gives.
BEGIN { FS = "\t" }
NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}
$column["table"] == "classes" && $column["column"] == "own.linear" && $column["mean"] != "" {
	value[$column["row"]] = $column["mean"]
	interval[$column["row"]] = $column["interval"]
	asked = $column["n"]
}
$column["table"] == "aware" && $column["mean"] != "" {
	what = $column["column"]
	sub(".*/", "", what)
	if (!(what in known))
		ops[++nops] = what
	known[what] = 1
	untold[$column["row"], what] = $column["mean"]
	apart = $column["n"]
}
# Without classes there is no right or wrong, only what was asked of the views.
function say_untold(   k) {
	if (!nops)
		return
	printf "No classes were asked about. Of the views of %d images that were kept apart, a linear probe could not tell\n", apart
	print "(0: it tells all, 1 or more: nothing)"
	for (k = 1; k <= nops; k++)
		printf "  %-6s  %.2f from the network untrained, %.2f from the network trained on your images\n", ops[k],
			untold["random", ops[k]], untold["simsiam-augself", ops[k]]
	print "What it takes for alike: the nearest neighbours, pictures in the report."
}
END {
	if (!("pixels" in value) || !("random" in value) || !("simsiam-augself" in value)) {
		say_untold()
		exit
	}
	printf "Of %d images that were kept apart, a linear classifier told the class of\n", asked
	if (chance != "")
		printf "  %5.1f %% by guessing\n", chance
	printf "  %5.1f %% from raw pixels\n", value["pixels"]
	printf "  %5.1f %% from the network untrained\n", value["random"]
	printf "  %5.1f %% from the network trained on your images\n", value["simsiam-augself"]
	best = (value["pixels"] > value["random"]) ? value["pixels"] : value["random"]
	ahead = value["simsiam-augself"] - best
	sure = interval["simsiam-augself"] + 0
	if (ahead > sure)
		print "The training paid: the difference is larger than the uncertainty of so many images."
	else if (ahead > -sure)
		printf "The difference is within the uncertainty of %d images, about %.0f points: more images to ask would tell.\n",
			asked, sure
	else
		print "Raw pixels, or chance filters, tell more: so few images or so short a training taught the network too little.\n" \
			"Show it more images, or longer (MINUTES=60)."
}
