# Sourced as root where packages come and go: how long DNS is silent meanwhile, and what files are there.
cat >/srv/client.py <<'END'
import sys, time
import dns.message, dns.query
query = dns.message.make_query("alive.test", "A")
with open(sys.argv[1], "w", buffering=1) as answers:
    while True:
        begin = time.monotonic()
        try:
            dns.query.udp(query, "127.0.0.1", timeout=0.1)
            print(time.monotonic(), file=answers)
        except Exception:
            pass
        time.sleep(max(0, begin + 0.1 - time.monotonic()))
END
most_silent=2000 # ms that DNS may be silent longer than without Weir

monotonic() { /usr/bin/python3 -c 'import time; print(time.monotonic())'; }

# Runs a command while a client asks each 100 ms, and sets $silence to the longest time without an answer, in ms; one that has not
# ended three seconds after the command counts up to there. Fails as the command does: silence_of COMMAND...
silence_of() {
	local code=0 begin end
	begin=$(monotonic)
	/usr/bin/python3 /srv/client.py /srv/answers &
	client=$!
	sleep 1
	"$@" || code=$?
	sleep 3
	end=$(monotonic)
	kill "$client"
	silence=$(awk -v last="$begin" -v end="$end" 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 }
		END { if (end - last > most) most = end - last; printf "%d", most * 1000 }' /srv/answers)
	return "$code"
}

# Whether DNS was silent no longer than that, where the same action without Weir took $alone.
check_silence() { check "$1: DNS was silent for $silence ms; without Weir $alone" test "$silence" -le $((alone + most_silent)); }

# All files, but for caches, logs, and the books of dpkg, apt and systemd.
files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /home -o -path /srv -o -path /var/cache -o -path /var/lib/apt \
		-o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/log -o -path /root -o -path /run/systemd -o -path /fresh.log \) -prune \
		-o -printf '%p %y %m %u %g\n' | sort
}
users() { getent passwd | cut -d : -f 1,3; getent group | cut -d : -f 1,3; }
