#!/bin/sh
# Builds a release in a directory of its own, so that the one that runs is not disturbed. REPOSITORY
# is a clone, COMMIT what is built, RELEASE the directory, ENV_FILE what the application reads.
#   check    exits with 0 when RELEASE is built from COMMIT, with 1 when it is not there, else with 2
#   apply    checks COMMIT out, installs, generates the database client and builds
#   revert   removes RELEASE
set -eu

case "$1" in
  check)
    [ -e "$RELEASE" ] || exit 1
    [ "$(cat "$RELEASE/.built" 2>/dev/null)" = "$COMMIT" ] || exit 2
    ;;
  apply)
    git -C "$REPOSITORY" worktree add --quiet --force --detach "$RELEASE" "$COMMIT"
    cd "$RELEASE"
    npm install --legacy-peer-deps --no-audit --no-fund
    npm run prisma:generate
    npm run build
    cp -p "$ENV_FILE" .env
    echo "$COMMIT" >.built
    ;;
  revert)
    rm -rf "$RELEASE"
    git -C "$REPOSITORY" worktree prune
    ;;
esac
