#!/bin/sh
# Builds heyq as a container holds it, into the folder $1: the binary, linked
# statically, the time zones, and the folders that it writes to.
# VERSION, COMMIT and TIME say which heyq it is; GOOS and GOARCH say for what.
set -eu
root=${1:?say where to build the root of the container}
cd "$(dirname "$0")/.."
mkdir -p "$root/data" "$root/tmp"
build=heyq/internal/build
cp "$(go env GOROOT)/lib/time/zoneinfo.zip" "$root/zoneinfo.zip"
CGO_ENABLED=0 go build -buildvcs=false \
	-ldflags "-s -w -X $build.version=${VERSION:-} -X $build.commit=${COMMIT:-} -X $build.time=${TIME:-}" \
	-o "$root/heyq" ./cmd/heyq
