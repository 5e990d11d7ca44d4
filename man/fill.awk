# Puts into a manual page what its comments name: of `.\" example NAME` the file examples/NAME, of `.\" headers` the list
# in the file index_file.
function copy(path, literal,   line) {
	if (literal)
		print ".Bd -literal"
	while ((getline line < path) > 0) {
		if (literal) {
			gsub(/\\/, "\\e", line)
			if (line ~ /^[.']/)
				line = "\\&" line
		}
		print line
	}
	close(path)
	if (literal)
		print ".Ed"
}
/^[.]\\" example / {
	copy("examples/" $3, 1)
	next
}
/^[.]\\" headers$/ {
	copy(index_file, 0)
	next
}
{ print }
