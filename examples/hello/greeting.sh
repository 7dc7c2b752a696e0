#!/bin/sh
# The change of this example: which greeting stands in state/greeting.
#   check    exits with 0 when the new greeting is in place, with 1 when it is not
#   apply    makes the change and keeps what was there before
#   revert   puts back what was there before
#   greet    prints the greeting, as a visitor would read it
set -eu
mkdir -p state
wanted="Good morning"

greeting() {
  cat state/greeting 2>/dev/null || true
}

case "$1" in
  check) [ "$(greeting)" = "$wanted" ] ;;
  apply)
    rm -f state/before
    if [ -e state/greeting ]; then cp state/greeting state/before; fi
    echo "$wanted" >state/new
    mv state/new state/greeting # at once: nobody reads half a greeting
    ;;
  revert)
    [ "$(greeting)" = "$wanted" ] || exit 0
    if [ -e state/before ]; then mv state/before state/greeting; else rm state/greeting; fi
    ;;
  greet) greeting ;;
  *) exit 64 ;;
esac
