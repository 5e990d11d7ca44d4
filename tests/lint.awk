# Lines as people can read them beside one another: at most 140 columns, a tab up to the next eighth one.
# Tables of numbers that programs write and read are not given to this.
{
	text = $0
	while ((tab = index(text, "\t")) > 0)
		text = sprintf("%s%*s%s", substr(text, 1, tab - 1), 8 - (tab - 1) % 8, "", substr(text, tab + 1))
	if (length(text) > 140) {
		print FILENAME ":" FNR ": " length(text) " columns, 140 are the most"
		long = 1
	}
}
END { exit long }
