# What img-read notes of a set, such as that it is smaller than the published one, is said once for all that an
# experiment asks of it: awk -v told=FILE [-v every=1] -f once.awk, where FILE has what was said. Any other line passes, or
# with `every` is said once too, as which of people's own photographs cannot be read.
BEGIN {
	while ((getline line < told) > 0)
		seen[line] = 1
	close(told)
}
every || / the published set has |too few images for |fewer than [0-9]+ images of a class/ {
	note = $0
	sub(/^[^]]*\] /, "", note)
	if (note in seen)
		next
	seen[note] = 1
	print note >> told
	close(told)
}
{ print }
