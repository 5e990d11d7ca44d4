# parts.awk: which parts of the sets of a report are published, and which are ours, as `img-read --list` (standard input) says.
# asked has words SET=TITLE or SET=TITLE=LISTS, where the lists of somebody else were used; _ stands for blanks in a title.
BEGIN {
	n = split(asked, word, " ")
	for (i = 1; i <= n; i++) {
		split(word[i], part, "=")
		set[i] = part[1]
		gsub(/_/, " ", part[2])
		title[i] = part[2]
		lists[i] = part[3]
	}
}
/^  [a-z][a-z0-9-]*:/ {
	name = substr($1, 1, length($1) - 1)
	known[name] = 1
}
$1 == "parts" {
	sub(/^ *parts +/, "")
	rule[name] = $0
}
END {
	for (i = 1; i <= n; i++) {
		s = set[i]
		if (lists[i] != "")
			ours = ours " " title[i] ": by the lists in " lists[i] "."
		else if (s == "folder" || s == "tree")
			ours = ours " " title[i] ": ours, by the ids of the images."
		else if (s ~ /^imagenet/)
			ours = ours " " title[i] ": a tenth of the training images, ours, chooses; the test is the published validation."
		else if (s in rule && s != "voc")
			ours = ours " " title[i] ": " rule[s] "."
		else if (s in known)
			published = published (published == "" ? "" : ", ") title[i]
	}
	if (ours published != "")
		print "Which images train, choose and test." (published == "" ? "" : " As published: " published ".") ours
}
