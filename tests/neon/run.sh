#!/bin/sh
# The exactness tests of `sim` on NEON, emulated: cross-compiled for aarch64 and run by qemu. Not part of the gate, since it takes root, about
# 3 GB and half an hour.
#
#   tests/neon/run.sh FOLDER [FILTER ...]
#
# FOLDER becomes a Debian (sid, for a compiler that is new enough) with the compiler, a cross linker and qemu, made once; the source that is
# committed is copied into it and compiled there. Filters choose among the tests as `cargo test` does; without any, all of sim's are run.
set -eu
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
folder=$1
shift
top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
target=aarch64-unknown-linux-gnu
if [ ! -e "$folder/ready" ]; then
    debootstrap --variant=minbase --include=ca-certificates sid "$folder"
    # An old mirror, or a wrong clock, is no reason to stop: packages are checked by their signatures.
    echo 'Acquire::Check-Valid-Until "false";' > "$folder/etc/apt/apt.conf.d/99valid"
    chroot "$folder" dpkg --add-architecture arm64
    chroot "$folder" apt-get update
    chroot "$folder" apt-get install -y --no-install-recommends \
        rustc cargo libstd-rust-dev:arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    touch "$folder/ready"
fi
cp /etc/resolv.conf "$folder/etc/resolv.conf"
# what this machine trusts, a proxy's certificate among it
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"; fi
mkdir -p "$folder/qloom"
git -C "$top" archive HEAD | tar x -C "$folder/qloom"
chroot "$folder" env HOME=/ CARGO_HOME=/cargo \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu" \
    cargo test --release --locked --manifest-path /qloom/Cargo.toml --target "$target" -p qloom-sim --lib --tests -- "$@"
