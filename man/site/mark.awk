# A manual page's source with a word where it speaks of a picture, in a comment .\" picture FILE WHAT IT SHOWS: mandoc keeps it,
# and page.awk puts the picture there.
BEGIN { n = 0 }
/^[.]\\" picture / {
	print ".Pp\n.Li PICTURE" ++n "\n.Pp"
	next
}
{ print }
