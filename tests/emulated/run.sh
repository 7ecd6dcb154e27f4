#!/usr/bin/env bash
# Grounding's loops and the expansion of shards on emulated processors with AVX2, with
# AVX-512 and with VBMI2, for those who have none: run.sh BUILD. Links the objects of
# BUILD/libavqa.a with a boot sector and lets Bochs start that disk. Skips (77) where
# Bochs is missing (Debian: bochs bochs-term bochsbios) or the build is for the
# sanitizers, which need an operating system.
set -euo pipefail
build=${1:?BUILD, a folder that has libavqa.a in it}
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if [[ $(uname -m) != x86_64 ]] || ! command -v bochs >/dev/null ||
    [[ ! -r /usr/share/bochs/BIOS-bochs-latest ]] ||
    ! compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so' >/dev/null; then
    echo "skipped: no bochs with its BIOS and bochs-term, or not a PC"
    exit 77
fi
if nm "$build/libavqa.a" 2>/dev/null | grep __asan_init >/dev/null; then
    echo "skipped: a build for the sanitizers"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

${CC:-cc} -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic -mno-red-zone \
    -fno-stack-protector -I"$root/lib" -I"$root/tests/support" -static -nostdlib \
    -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,"$here/flat.ld" -o "$work/program" \
    "$here/boot.S" "$here/main.c" "$build/libavqa.a" -lgcc
objcopy -O binary "$work/program" "$work/disk"
truncate -s 1032192 "$work/disk" # two cylinders of 16 heads and 63 sectors

echo continue >"$work/start" # Debian's has its debugger in it, which waits

# start MODEL: what the program wrote is in $work/said
start() {
    : >"$work/said"
    cat >"$work/config" <<END
cpu: model=$1, ips=200000000, reset_on_triple_fault=0
memory: guest=32, host=32
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=disk, path=$work/disk, mode=flat
boot: disk
com1: enabled=1, mode=file, dev=$work/said
display_library: term
sound: waveoutdrv=dummy
log: $work/log
panic: action=fatal
END
    TERM=vt100 timeout 120 bochs -f "$work/config" -rc "$work/start" \
        >"$work/screen" 2>&1 </dev/null || true
}

failed=0
# expect MODEL WITHOUT WITH: the names of what is chosen without and with the registers
expect() {
    start "$1"
    echo "$1"
    sed 's/^/    /' "$work/said"
    if ! grep -qx "without registers of AVX-512: $2" "$work/said" ||
        ! grep -qx "with them: $3" "$work/said" ||
        ! grep -qx done "$work/said" || grep -q FAILED "$work/said"; then
        echo "$1: not what is expected: $2; $3"
        failed=1
    fi
}

expect corei7_haswell_4770 'avx2 and avx2' 'avx2 and avx2'
expect corei7_skylake_x 'avx2 and avx2' 'avx512 and avx2'
expect corei7_icelake_u 'avx2 and avx2' 'avx512-vbmi2 and avx512'
exit $failed
