#!/bin/sh
# A runtime that fails at a chosen moment. A file "runc.VERB.before", ".during" or ".after" in the folder of failpoints is
# taken away when its moment has come; its content is the name of what happens then, or the id of a process to kill.
#   kill: the runtime is killed   hang: it never ends   garbage: it prints nonsense and fails   lie: the same with success
real=$GANTRY_TEST_RUNC
verb=
for word; do
	case $word in create | start | kill | exec | pause | resume | delete | ps | update) verb=$word && break ;; esac
done

act() {
	case $1 in
	kill) kill -9 $$ ;;
	hang) exec sleep 100000 ;;
	garbage) printf '\001{"level":"err\377' && exit 1 ;;
	lie) printf '\001{"level":"err\377' && exit 0 ;;
	*) kill -9 "$1" ;;
	esac
}

take() {
	file=$GANTRY_SHIM_FAILPOINTS/runc.$verb.$1
	[ -e "$file" ] || return 0
	what=$(cat "$file")
	rm "$file"
	act "$what"
}

take before
during=$GANTRY_SHIM_FAILPOINTS/runc.$verb.during
after=$GANTRY_SHIM_FAILPOINTS/runc.$verb.after
[ -e "$during" ] || [ -e "$after" ] || exec "$real" "$@"
exec 3<&0
"$real" "$@" <&3 3<&- &
pid=$!
if [ -e "$during" ]; then
	sleep 0.004
	kill -9 "$pid"
	take during
fi
wait "$pid"
status=$?
take after
exit "$status"
