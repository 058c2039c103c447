# Sourced by checks.sh: the ways to break the start of a resolver. One row a way:
#
#   way NAME HOLDS STATUS LOG COMMANDS
#
# After the commands Unbound is restarted. It must answer: and block (protected) or not (open). `feedsync status` must say STATUS,
# and not be well, or be well; where LOG is not empty Unbound's journal must hold it as an error. Then all is put back.
way() {
	eval "$5"
	restart
	check "$1: $2" "$2"
	case $3 in
	"") ;;
	well) check "$1: status is well" within 5 feedsync status ;;
	"well, but: "*) check "$1: status says it" within 5 mentions "${3#well, but: }" ;;
	*) check "$1: status says why" within 5 says "$3" ;;
	esac
	[ -z "$4" ] || check "$1: so does the log" told "$4"
	whole
}
mentions() { feedsync status | tee -a /dev/stderr | grep -q "$1"; }
says() { feedsync status >/srv/status && return 1; cat /srv/status; grep -qE "$1" /srv/status; }
# A file is put in the place of the one that Unbound has mapped, as an upgrade does: damage COMMAND... with FILE in its end.
damage() { cp -a "$module" "$module.new" && "$@" "$module.new" && mv -T "$module.new" "$module"; }
patch() { sed -i "$@"; }
aarch64() { printf '\xb7' | dd of="$1" bs=1 seek=18 conv=notrunc status=none; }
table=/var/lib/weir/current.weir
no_spare() { systemctl stop unbound; rm -rf /var/lib/weir-unbound/*; }
guarded() { printf '#!/bin/sh\n%s\n' "$1" >"$guard"; }
sandbox() { mkdir -p /etc/systemd/system/unbound.service.d; printf '[Service]\n%s\n' "$1" >/etc/systemd/system/unbound.service.d/own.conf; systemctl daemon-reload; }
hand_written() { printf 'server:\n\tmodule-config: "%s"\n' "$1" >"$own"; [ -z "${2-}" ] || printf 'dynlib:\n\tdynlib-file: "%s"\n' "$2" >>"$own"; }
# A module that has all that it needs, and ends its program when it begins.
deadly() {
	printf '#include <stdlib.h>\n#define F(name) int name(void) { %s; return 1; }\nF(init) F(deinit) F(operate) F(inform_super) F(clear) F(get_mem)\n' "$1" >/srv/deadly.c
	gcc -shared -fPIC -include unistd.h -o "$module.new" /srv/deadly.c && mv -T "$module.new" "$module"
}

none="WITHOUT PROTECTION"
systemctl stop feedsync

# Unbound is another.
way "Debian's Unbound is back" open "$none.*is built without dynlib.*next: .*build-unbound" "without dynlib.*$none" 'binaries debian'
way "Debian's Unbound is back, but for unbound-checkconf" open "$none.*is built without dynlib" "without dynlib.*$none" 'install /srv/debian/unbound /usr/sbin'
way "an older Unbound" open "NOTHING IS BLOCKED.*it is not unbound" "NOTHING IS BLOCKED" "patch 's/1\.17\.1/1.16.3/g' /usr/sbin/unbound"
way "a newer Unbound" open "NOTHING IS BLOCKED.*it is not unbound" "NOTHING IS BLOCKED" "patch 's/1\.17\.1/1.26.2/g' /usr/sbin/unbound"
way "an Unbound with other options" open "NOTHING IS BLOCKED.*other options" "NOTHING IS BLOCKED" "patch 's/--enable-subnet/--enable-subnit/g' /usr/sbin/unbound"
way "an Unbound that lacks a function" open "$none.*cannot be loaded" "$none" 'damage patch s/regional_create/regional_creatx/g'
way "unbound-checkconf is gone" open "$none.*does not tell" "$none" 'rm /usr/sbin/unbound-checkconf'

# weir.so is not right.
way "weir.so is gone" open "$none.*is not there" "$none" 'rm "$module"'
way "weir.so is empty" open "$none.*cannot be loaded" "$none" 'damage truncate -s 0'
way "weir.so is cut off" open "$none.*cannot be loaded" "$none" 'damage truncate -s 5000'
way "weir.so is no library" open "$none.*cannot be loaded" "$none" 'damage patch 1s/ELF/XXX/'
way "weir.so is of another architecture" open "$none.*cannot be loaded" "$none" 'damage aarch64'
way "weir.so is not readable" open "$none.*cannot be loaded" "$none" 'damage chmod 700'
way "weir.so is a directory" open "$none.*cannot be loaded" "$none" 'rm "$module"; mkdir "$module"'
way "weir.so leads nowhere" open "$none.*is not there" "$none" 'ln -sfT nowhere "$module"'
way "weir.so lies where nothing may be run" open "$none.*cannot be loaded" "$none" 'mount --bind $module $module; mount -o remount,bind,noexec $module'
way "weir.so is built for a newer libc" open "$none.*cannot be loaded" "$none" "damage patch 's/GLIBC_2\.34/GLIBC_2.99/g'"
way "another library cannot be preloaded" protected well "" 'echo /usr/lib/gone.so >/etc/ld.so.preload'
way "Unbound is told to preload another library, which cannot be" protected well "" 'sandbox Environment=LD_PRELOAD=/usr/lib/gone.so'
way "Unbound's sandbox hides weir.so" open "$none.*failed within two minutes" "failed within.*$none" 'sandbox InaccessiblePaths=$module'
way "Unbound's sandbox kills for a system call of weir.so" open "$none.*failed within two minutes" "failed within.*$none" \
	'sandbox "SystemCallFilter=~memfd_create inotify_init1"'
way "weir.so ends Unbound" open "$none.*failed within two minutes" "failed within.*$none" 'deadly "abort()"'
way "weir.so lets Unbound hang" open "$none.*failed within two minutes" "failed within.*$none" 'deadly "pause()"; sandbox TimeoutStartSec=3'

# The table is not right: the copy of the one before goes on protecting.
way "the table is gone" protected "TABLE FILE UNUSABLE" "" 'rm $table'
way "the table is cut off" protected "TABLE FILE UNUSABLE" "" 'truncate -s 300 $table'
way "the table is damaged" protected "TABLE FILE UNUSABLE" "" 'printf xxx | dd of=$table bs=1 seek=270 conv=notrunc status=none'
way "the table is of a newer format" protected "TABLE FILE UNUSABLE|refused: table format version 9" "" 'printf "\x09" | dd of=$table bs=1 seek=8 conv=notrunc status=none'
way "the table is not readable" protected "TABLE FILE UNUSABLE|NONE" "" 'chmod 600 $table'
way "the table is gone, and so is its copy" open "NOTHING IS BLOCKED" "nothing is blocked" 'rm $table; no_spare'
way "there is no room for a copy of the table" protected "well, but: no copy of the table for its next start" "" 'no_spare; mount -t tmpfs -o size=4k,nr_inodes=1 full /var/lib/weir-unbound'
way "Unbound stays root, who may not write the copy" protected "well, but: no copy of the table for its next start" "" \
	'printf "server:\n\tusername: \"\"\n" >$own; no_spare'
way "/var is read-only" protected "" "" 'mount --bind /var /var; mount -o remount,bind,ro /var'

# /run/weir is not right: the module works, and cannot show that.
way "/run/weir is gone" protected "NOT SEEN" "live counters" 'rm -r /run/weir'
way "/run/weir is not writable" protected "NOT SEEN" "live counters" 'chown root /run/weir'
way "/run/weir is full" protected "NOT SEEN" "live counters" 'mount -t tmpfs -o size=4k,nr_inodes=1 full /run/weir'
way "/run/weir is a file" protected "NOT SEEN" "live counters" 'rm -r /run/weir; echo >/run/weir'
way "the snippet cannot be written" open "$none.*cannot be written.*df /run" "cannot be written.*$none" 'mkdir -p /run/weir-unbound.conf.new/x'
rm -rf /run/weir-unbound.conf.new
way "/run is full" alive "" "" 'mount -o remount,size=$(($(df -k --output=used /run | tail -n 1) + 4))k /run; dd if=/dev/zero of=/run/ballast bs=4k status=none'
rm -f /run/ballast
way "/tmp is full" protected well "" 'mount -t tmpfs -o size=4k,nr_inodes=1 full /tmp'

# The configuration of Unbound.
way "the snippet is doubled" protected well "" 'cp $conf_d/zz-weir.conf $conf_d/zzz.conf'
way "the snippet is written by hand" protected well "" 'echo nonsense >/run/weir-unbound.conf'
way "the snippet is a directory" protected well "" 'rm /run/weir-unbound.conf; mkdir -p /run/weir-unbound.conf/x'
way "the snippet is included by an older pattern" protected well "" "patch 's/{\(.*\)}/\1/; s/unbound.conf/unbound*.conf/' \$conf_d/zz-weir.conf"
way "the snippets are included within the clause server" protected well "" \
	'printf "server:\n\tinclude: /etc/unbound/unbound.conf.d/*.conf\n" >/etc/unbound/unbound.conf'
way "the snippet is not included" open "$none.*does not include" "does not include.*$none" 'rm $conf_d/zz-weir.conf'
way "another module-config behind the snippet" open "$none.*sets module-config behind it" "behind it.*$none" \
	'mv $conf_d/zz-weir.conf $conf_d/00.conf; hand_written "validator iterator"'
way "another module-config before the snippet" protected well "" 'hand_written "respip validator iterator"'
way "dynlib is written by hand" protected well "" 'hand_written "dynlib validator iterator" $module'
way "dynlib is written by hand, Debian's Unbound" open "$none.*without dynlib" "$none" 'hand_written "dynlib validator iterator" $module; binaries debian'
way "blanks stand in module-config" protected well "" 'hand_written "validator   iterator "'
way "dynlib is written by hand, not first" protected "NOT THE FIRST MODULE" "NOT THE FIRST MODULE" 'hand_written "validator dynlib iterator" $module'
way "a chroot" open "$none.*chroot" "chroot.*$none" 'sandbox Type=exec; printf "server:\n\tchroot: /var/lib/unbound\n\tdirectory: /var/lib/unbound\n" >$own'
way "Unbound has another configuration" open "$none" "" 'echo "DAEMON_OPTS=\"-c /srv/other.conf\"" >/etc/default/unbound
	cp $conf_d/alive.conf /srv/other.conf'

# The guard is not right.
way "the guard is gone" open "$none.*did not come to its end" "" 'rm $guard'
way "the guard is no program" open "$none.*did not come to its end" "" 'guarded ")"'
way "the guard is killed" open "$none.*did not come to its end" "" 'guarded "kill -9 \$\$"'
way "the guard does not end" open "$none.*did not come to its end" "" \
	'guarded "trap : TERM; while :; do sleep 1; done"; patch "s/-k 5 25/-k 1 1/" /usr/local/lib/systemd/system/unbound.service.d/weir.conf; systemctl daemon-reload'
way "module and guard are gone" open "$none.*did not come to its end" "" 'rm -r /usr/local/lib/weir'

# Unbound's failures that are not the module's take nothing away.
way "Unbound's configuration was broken, and is mended" protected well "" 'echo nonsense >$own; restart; sleep 1; rm $own'
way "somebody has killed Unbound" protected well "" 'kill -KILL $(main_pid); within 5 alive'
way "Unbound crashed once, long after its start" protected well "" 'touch -d "-1 hour" /run/weir-unbound.conf; kill -SEGV $(main_pid); within 5 alive >/dev/null; check "and has the module again at once" protected'

systemctl start feedsync
