#!/bin/sh
# Rotates the certificate of one nginx. SERVER is its directory: tls/server.crt and .key are what it
# serves, next/server.crt and .key what it shall serve, nginx.pid its process. ADDRESS is host:port.
#   check    exits with 0 when the next certificate is served, with 1 when it is not installed, with 2
#            when it is installed and not served, or served and not installed
#   apply    installs it, keeps the one before, reloads nginx and waits until it is served
#   revert   the same, back
#   verify   prints ok when a client that trusts CA gets a certificate that is valid for another day
set -eu
cd "$SERVER"

of_file() { openssl x509 -in "$1" -noout -fingerprint -sha256; }

served() {
  openssl s_client -connect "$ADDRESS" -servername localhost </dev/null 2>/dev/null |
    openssl x509 -noout -fingerprint -sha256
}

install_pair() { # from a directory, each file at once
  for kind in key crt; do
    cp "$1/server.$kind" "tls/.server.$kind"
    mv "tls/.server.$kind" "tls/server.$kind"
  done
}

reload() { # until the certificate in the file is the one that is served
  kill -HUP "$(cat nginx.pid)"
  tries=0
  until [ "$(served)" = "$(of_file tls/server.crt)" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "nginx does not serve $SERVER/tls/server.crt" >&2; exit 1; }
    sleep 0.1
  done
}

case "$1" in
  check)
    next=$(of_file next/server.crt)
    now=$(served) || exit 3 # nobody answers there, so nothing can be said
    installed=1
    [ "$(of_file tls/server.crt)" = "$next" ] || installed=0
    if [ "$now" = "$next" ]; then answered=1; else answered=0; fi
    case "$installed$answered" in
      11) exit 0 ;;
      00) exit 1 ;;
      *) exit 2 ;;
    esac
    ;;
  apply)
    rm -rf before.new
    cp -r tls before.new
    rm -rf before
    mv before.new before
    install_pair next
    reload
    ;;
  revert)
    [ -d before ] || exit 0
    install_pair before
    reload
    ;;
  verify)
    openssl s_client -connect "$ADDRESS" -servername localhost -verify_hostname localhost \
      -CAfile "$CA" -verify_return_error </dev/null 2>/dev/null |
      openssl x509 -noout -checkend 86400 >/dev/null && echo ok
    ;;
  *) exit 64 ;;
esac
