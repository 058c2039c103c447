# Turns the help of commands into scdoc, so that the manual page says what the help says:
#   for each COMMAND: feedsync help COMMAND | awk -f commands.awk
function escaped(text) { gsub(/[_*`\\]/, "\\\\&", text); sub(/^[][|#-]/, "\\\\&", text); return text }
function end_text() { if (text != "") print text "\n"; text = "" }
function end_item() { if (item != "") print item "\n\t" meaning "\n"; item = "" }
function begin_item(word, value, told) {
	end_item()
	item = "*" escaped(word) "*" (value == "" ? "" : " _" value "_")
	meaning = escaped(told)
}

NR == 1 {
	sub(/^feedsync /, "")
	colon = index($0, ": ")
	print "## " substr($0, 1, colon - 1) "\n"
	summary = substr($0, colon + 2)
	text = escaped(toupper(substr(summary, 1, 1)) substr(summary, 2)) "."
	end_text()
	next
}
/^Usage: / { print "*" escaped(substr($0, 8)) "*\n"; next }
/^Exit codes:/ { end_text(); end_item(); print "Exit codes:\n"; exits = 1; next }
/^Words in capitals:/ { end_text(); end_item(); print "Words in capitals:\n"; exits = 0; words = 1; next }
/^$/ { end_text(); end_item(); next }
/^ +-h, --help / { next }
exits && match($0, /^  [0-9]+ +/) { begin_item($1, "", substr($0, RLENGTH + 1)); next }
/^  -/ && match($0, /^  -[^ ]+( [A-Z]+)?(  +|$)/) {
	begin_item($1, substr($0, 1, RLENGTH) ~ / [A-Z]+ *$/ ? $2 : "", substr($0, RLENGTH + 1))
	next
}
words && /^  [A-Z]/ { sub(/^ +/, ""); begin_item($0, "", ""); next }
/^ / { sub(/^ +/, ""); meaning = meaning (meaning == "" ? "" : /^one of:/ ? "; " : " ") escaped($0); next }
{ text = text (text == "" ? "" : " ") escaped($0) }
END { end_text(); end_item() }
