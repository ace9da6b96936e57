# Reads #include lines: which folder may see which, and which library has its one home where.
# Usage: awk -f layers.awk FILE...   Prints offences; exits 1 when there are any.
function folder(path,   m) {
	if (path ~ /^core\/adapters\//) { split(path, m, "/"); return "core/adapters/" m[3] }
	if (path ~ /^core\//) { split(path, m, "/"); return "core/" m[2] }
	if (path ~ /^tui\/cli\//) return "cli"
	if (path ~ /^tui\//) return "tui"
	split(path, m, "/"); return m[1]
}
function offend(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
BEGIN {
	may["base"] = "base"
	may["store"] = "base store core/model" # the journal stores struct intent: plain data over base
	may["core/model"] = "base core/model"
	may["core/port"] = "base core/model core/port"
	may["core/rules"] = "base core/model core/rules"
	may["core/command"] = "base core/model core/command"
	may["core/profile"] = "base core/model core/profile"
	may["core/view"] = "base store core/model core/rules core/command core/view"
	may["core/client"] = "base core/model core/client"
	may["core/engine"] = "base store core/model core/port core/rules core/command core/profile core/view core/engine"
	may["core/adapters/http"] = "base core/port core/model core/adapters/http"
	may["core/adapters/snappy"] = "base core/adapters/snappy"
	may["core/adapters/github"] = "base core/port core/model core/adapters/snappy core/adapters/github"
	may["core/adapters/git"] = "base core/port core/model core/adapters/git"
	may["core/adapters/zip"] = "base core/port core/adapters/zip"
	may["core/adapters/digest"] = "base core/port core/adapters/digest"
	may["core/adapters/sshsig"] = "base core/model core/port core/adapters/sshsig"
	may["core/adapters/journald"] = "base core/port core/adapters/journald"
	may["core/adapters/registry"] = "base core/port core/adapters/digest core/adapters/registry"
	may["core/adapters/prometheus"] = "base core/port core/model core/adapters/prometheus"
	may["core/adapters/kube"] = "base core/port core/model core/adapters/kube"
	may["core/adapters/attest"] = "base core/port core/model core/adapters/attest"
	may["core/adapters/tdx"] = "base core/port core/model core/adapters/attest core/adapters/tdx"
	may["core/adapters/fleet"] = "base core/port core/model core/adapters/fleet"
	may["core/adapters/authority"] = "base core/port core/model core/adapters/authority" # a certificate authority of the drills
	may["core/adapters/sim"] = "base core/port core/model core/adapters/snappy core/adapters/sim core/adapters/authority"
	may["tui"] = "base store core/model core/view core/command core/client tui"
	may["cli"] = "base store core/model core/view core/command core/client tui cli"
	# wiring: main() of a program may name everything it composes
	split("core/engine/main.c core/engine/wire.c tui/cli/drill_main.c tui/cli/drill_headless.c tui/main.c tui/wall_main.c man/docgen.c store/sqlgen.c", w, " ")
	for (i in w) wiring[w[i]] = 1
	home["jansson.h"] = "base/json.c"; home["yajl/"] = "base/json_stream.c"; home["yaml.h"] = "base/yaml.c"
	home["utf8proc.h"] = "base/text.c"; home["sqlite3.h"] = "store/"; home["curl/"] = "core/adapters/http/"
	home["zlib.h"] = "core/adapters/zip/"; home["snappy-c.h"] = "core/adapters/snappy/"; home["git2"] = "core/adapters/git/"; home["microhttpd.h"] = "core/adapters/sim/"
	home["curses.h"] = "tui/terminal.c"; home["ncurses"] = "tui/terminal.c"; home["term.h"] = "tui/terminal.c"; home["openssl/"] = "core/adapters/"
	home["pthread.h"] = "base/"
}
/^#include "/ {
	split($0, q, "\""); target = q[2]
	if (FILENAME in wiring || FILENAME ~ /^tests\//) next
	if (target ~ /\.gen\.h$|\.def$/) next
	if (target !~ /\//) { offend("include is not relative to the root: " target); next }
	from = folder(FILENAME); to = folder(target)
	if (index(" " may[from] " ", " " to " ") == 0) offend(from " may not include " target)
}
/^#include </ {
	split($0, q, /[<>]/); target = q[2]
	for (lib in home)
		if (index(target, lib) == 1 && index(FILENAME, home[lib]) != 1 && FILENAME !~ /^tests\//)
			offend("<" target "> has its home in " home[lib])
}
END { exit bad }
