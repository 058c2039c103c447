#!/bin/sh
# Prints a manual page's source with the help of all commands in the place of its line @COMMANDS@: commands.sh FEEDSYNC SOURCE.
# FEEDSYNC is a command that runs it: a path, or an emulator and a path.
set -eu
feedsync=$1 source=$2
words=$($feedsync help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ -n "$words" ]
sed '/^@COMMANDS@$/,$d' "$source"
for word in $words; do
	help=$($feedsync help "$word")
	printf '%s\n' "$help" | awk -f "$(dirname "$0")/commands.awk"
done
sed '1,/^@COMMANDS@$/d' "$source"
