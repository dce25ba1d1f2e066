#!/bin/sh
# Makes the secrets that compose.yaml takes, in ./secrets or in the folder $1.
# What is there already stays. Only you can enter the folder; the files in it can
# be read by all, since the users inside the containers are others than you.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-secrets}
mkdir -p "$dir"
chmod 700 "$dir"

put() { # put NAME VALUE
	[ -s "$dir/$1" ] || printf '%s\n' "$2" >"$dir/$1"
	chmod 644 "$dir/$1"
}
random() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "$1"; }

put postgres-password "$(random 32)"
put database-url "postgres://heyq:$(cat "$dir/postgres-password")@postgres:5432/heyq"
put redis-password "$(random 32)"
put redis-url "redis://:$(cat "$dir/redis-password")@redis:6379/0"
put operator-token "$(random 32)"
if [ ! -s "$dir/heygen-api-key" ]; then
	key=${HEYGEN_API_KEY:-}
	if [ -z "$key" ]; then
		printf 'The key of the HeyGen account that pays: ' >&2
		read -r key
	fi
	put heygen-api-key "$key"
fi
echo "the secrets are in $dir" >&2
