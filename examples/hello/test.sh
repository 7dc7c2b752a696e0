#!/bin/sh
# Runs hello against a Belay to its end, and back. BELAY is its launcher; the users and passwords are those
# of ./belay up. The environment must be one of that Belay's: ./belay up --environments=<this>/environments
set -eu
: "${BELAY:?the path of Belay's launcher, such as /opt/belay/belay}"
here=$(cd "$(dirname "$0")" && pwd)

"$BELAY" lint "$here"
BELAY_USER=admin BELAY_PASSWORD=admin "$BELAY" deploy "$here"

export BELAY_USER=operator BELAY_PASSWORD=operator BELAY_APPROVER_PASSWORD=approver
"$BELAY" run hello --expected="is Good night" --expect=ROLLED_BACK
"$BELAY" run hello --yes --approver=approver --expect=COMPLETED
