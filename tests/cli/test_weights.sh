#!/usr/bin/env bash
# avqa weights: files that PyTorch wrote (tests/data/golden/torch_files.json) go to
# safetensors and back, and have the numbers that PyTorch says they have; names lose
# prefixes and get others; what runs code, lies or is not a state dict is an error that
# says what was met. Where python3-torch is installed, it writes larger files (LSTM,
# BatchNorm, DataParallel, checkpoints) and loads ours with weights_only.
set -u
. "$(dirname "$0")/../support/cli.sh"
need python3 jq

python3 - "$SOURCE/tests/data/golden/torch_files.json" <<'END' || exit 1
import hashlib, json, sys
for f in json.load(open(sys.argv[1], encoding="utf-8"))["files"]:
    open(f["name"], "wb").write(bytes.fromhex(f["hex"]))
    with open(f["name"][:-3] + ".txt", "w", encoding="utf-8") as out:
        for t in f["tensors"]:
            out.write("%s %s [%s] %s\n" % (t["name"], t["dtype"], ", ".join(map(str, t["shape"])),
                                           hashlib.sha256(bytes.fromhex(t["hex"])).hexdigest()))
END
# The tensors of a file as lines of name, type, shape and digest.
tensors() {
    avqa weights inspect --json "$@" |
        jq -r '.tensors[] | "\(.name) \(.dtype) [\(.shape | map(tostring) | join(", "))] \(.sha256)"'
}
has_tensors() { diff <(tensors "${@:2}") "$1"; }

# ---- both ways, every kind of file
for file in *.pt; do
    name=${file%.pt}
    check "$file has what PyTorch wrote" has_tensors "$name.txt" "$file"
    run avqa weights convert "$file" -o "$name.safetensors"
    expect_ok
    check "$name.safetensors has it, too" has_tensors "$name.txt" "$name.safetensors"
    run avqa weights convert "$name.safetensors" -o "$name.pth"
    expect_ok
    check "$name.pth has it, too" has_tensors "$name.txt" "$name.pth"
    run avqa weights convert "$file" -o "$name-2.pth" --json
    expect_ok
    expect_same "$name.pth" "$name-2.pth"
    expect_equal "digest of $name-2.pth" "$(sha256sum <"$name-2.pth" | cut -d' ' -f1)" "$(jq -r .sha256 out)"
done
rm -f -- *-2.pth

# ---- what is said
run avqa weights inspect state.pt
expect_ok
expect_stdout '^fc.weight +f32 +\[3, 2\] +6 '
expect_stdout '^bn.num_batches_tracked +i64 +\[\] +1 +1 +1 +1 '
expect_stdout "^sha256 $(sha256sum <state.pt | cut -d' ' -f1)$"
expect_stdout '^fits no network of avqa$'
run avqa weights inspect types.pt
expect_stdout '^strange .* 3 NOT FINITE$'
run avqa weights inspect views.pt
expect_stdout '^4 tensors share storages with others and were copied$'
expect_equal "forms" "torch torch-legacy safetensors" "$(for f in state.pt legacy.pt state.safetensors; do
    avqa weights inspect "$f" --json | jq -r .format; done | xargs)"

# ---- what is no file of weights
echo '{"schema": 1, "options": {"rate": 0.1}}' >run.json
printf ' \n[1, 2, 3, 4, 5, 6]\n' >list.safetensors
echo "some words of a person" >note.txt
: >empty.safetensors
printf '\x89PNG\r\n\x1a\n0123456789' >picture.pt
printf '\x93NUMPY\x01\x00v\x00{}' >array.npy
for look in "run.json:it looks like JSON" "list.safetensors:it looks like JSON" "note.txt:it looks like text" \
    "empty.safetensors:it is empty" "picture.pt:it looks like a picture (PNG)" "array.npy:it looks like an array of NumPy (.npy)"; do
    run avqa weights inspect "${look%%:*}"
    expect_exit 1
    expect_equal "what ${look%%:*} is" "avqa weights inspect: ${look%%:*}: no file of weights (safetensors, .pt, .pth): ${look#*:}" "$(cat err)"
done
mkdir -p runs/first && touch runs/first/best.safetensors
for command in 'inspect runs/first' 'convert runs/first -o new.pt'; do
    # shellcheck disable=SC2086
    run avqa weights $command
    expect_failure "weights ${command%% *}" 'runs/first: is a folder; the weights of that run are runs/first/best.safetensors$'
done
run avqa weights inspect runs
expect_failure 'weights inspect' 'runs: is a folder, no file of weights$'
printf '\x01\x02\x03\x04\x05\x06\x07\x08\x09\x00' >odd.safetensors
run avqa weights inspect odd.safetensors
expect_failure 'weights inspect' 'odd.safetensors: not a safetensors file'

# ---- names
run avqa weights convert state.pt -o renamed.safetensors --rename fc=module.module.head,bn=
expect_ok
expect_equal "names" "module.head.weight module.head.bias weight bias running_mean" \
    "$(avqa weights inspect renamed.safetensors --json | jq -r '.tensors[:5][].name' | xargs)"
expect_equal "names without --strip" "module.module.head.weight" \
    "$(avqa weights inspect renamed.safetensors --strip '' --json | jq -r '.tensors[0].name')"
expect_equal "names with a prefix of their own" "net.module.module.head.weight net.weight" \
    "$(avqa weights inspect renamed.safetensors --strip '' --rename =net --json | jq -r '.tensors[0,2].name' | xargs)"
expect_equal "names without their b" "5 n.weight" \
    "$(avqa weights inspect state.pt --strip b --json | jq -r '.stripped, .tensors[2].name' | xargs)"
run avqa weights inspect state.pt --rename fk=x
expect_failure 'weights inspect' 'state.pt: --rename: no tensor is called "fk" or "fk\.\*"'
run avqa weights inspect state.pt --rename f=x
expect_failure 'weights inspect' 'no tensor is called "f"'
run avqa weights inspect state.pt --rename fc
expect_failure 'weights inspect' '"fc" is not OLD=NEW'
run avqa weights inspect state.pt --rename fc=bn
expect_failure 'weights inspect' 'state.pt: under their new names: two tensors are called "bn.weight"'
run avqa weights inspect state.pt --rename fc.weight=
expect_failure 'weights inspect' 'state.pt: the tensor "fc.weight" would have no name'

# ---- what is written
run avqa weights convert state.pt -o new.safetensors --dry-run
expect_ok
expect_stdout '^new.safetensors \(not written\): 7 tensors, 22 numbers$'
check "--dry-run writes nothing" test ! -e new.safetensors
run avqa weights convert state.pt -o state.safetensors
expect_failure 'weights convert' 'state.safetensors is there already'
run avqa weights convert state.pt -o state.onnx
expect_failure 'weights convert' 'state.onnx: the name ends neither with .safetensors nor with .pt or .pth'
run avqa weights convert state.pt -o nowhere/new.pt
expect_failure 'weights convert' nowhere
run avqa weights convert state.pt
expect_exit 2
expect_stderr 'with -o FILE'
run avqa weights convert state.pt -o new.pt --model avst
expect_failure 'weights convert' 'the tensor ".*" of avst is missing'
run avqa weights convert state.pt -o new.pt --model avts
expect_failure 'weights convert' 'no model is called "avts"; there are avst, .*resnet18'
check "no file of a failure" test -z "$(find . -name 'new*')"

# ---- what is refused
python3 - <<'END'
import os, pickle, zipfile
class Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)
z = zipfile.ZipFile("evil.pt", "w")
z.writestr("evil/data.pkl", pickle.dumps({"w": Evil()}, 2))
z.writestr("evil/version", "3\n")
z.close()
open("plain.pkl", "wb").write(pickle.dumps({"w": Evil()}))
z = zipfile.ZipFile("other.zip", "w")
z.writestr("readme.txt", "no weights")
z.close()
END
run avqa weights inspect evil.pt
expect_failure 'weights inspect' 'evil.pt: evil/data.pkl: byte [0-9]+: posix.system is no part of a state dict'
run avqa weights convert evil.pt -o good.pt
expect_failure 'weights convert' 'posix.system'
run avqa weights inspect plain.pkl
expect_failure 'weights inspect' 'plain.pkl: a pickle that torch.save has not written'
check "nothing was executed" test ! -e executed
run avqa weights inspect other.zip
expect_failure 'weights inspect' "other.zip: a zip file, but not PyTorch's: no data.pkl"
run avqa weights inspect nowhere.pt
expect_failure 'weights inspect' nowhere.pt
head -c 900 state.pt >cut.pt
run avqa weights inspect cut.pt
expect_failure 'weights inspect' 'cut.pt: not a whole zip file'
run avqa weights inspect state.safetensors --key x
expect_failure 'weights inspect' 'state.safetensors: not a file of torch.save, so there is no --key'
where=$(LC_ALL=C grep -abo $'data/0FB' state.pt | head -1 | cut -d: -f1)
cp state.pt damaged.pt
printf '\1' | dd of=damaged.pt bs=1 seek=$(((where + 63) / 64 * 64 + 1)) conv=notrunc status=none
run avqa weights inspect damaged.pt
expect_failure 'weights inspect' 'damaged.pt: the entry ".*/data/0" is damaged: its checksum is another one'
run avqa weights inspect damaged.pt --no-checksums
expect_ok

# ---- no room, no memory: an error, no half file, nothing left behind
in_folder() { find full -mindepth 1 | sort | xargs; }
mkdir full
cp types.pt types.safetensors full
for to in pt safetensors; do
    from=types.pt
    run bash -c 'trap "" XFSZ; ulimit -f 1; exec "$0" weights convert full/$1 -o full/new.$2' "$AVQA" $from $to
    expect_failure 'weights convert' 'full/new.'
    expect_equal "what is in the folder" 'full/types.pt full/types.safetensors' "$(in_folder)"
done
if ! can_fail; then
    note "failing allocations: they need malloc for themselves"
else
    for from in types.pt types-legacy.pt types.safetensors; do
        n_refused=0
        cp $from full/from
        run_failing FAIL_NOTHING 0 "$AVQA" weights convert full/from -o full/new.pt
        expect_exit 0
        mv full/new.pt whole.pth
        read -r _ allocs <counts
        for n in $(awk -v n="$allocs" 'BEGIN { for (i = 1; i <= n; i = i < n - 60 ? i + 17 : i + 1) print i }'); do
            run_failing FAIL_ALLOC "$n" "$AVQA" weights convert full/from -o full/new.pt
            check "it ends, by itself (exit $got)" test "$got" -eq 0 -o "$got" -eq 1 -o "$got" -eq 134
            [[ $got -eq 0 || -e full/new.pt ]] && expect_same full/new.pt whole.pth
            if [[ $got -eq 1 ]]; then
                n_refused=$((n_refused + 1))
                check "it says why" grep -q '^avqa weights convert: .' err
                check "there is no new file" test ! -e full/new.pt
            fi
            rm -f full/new.pt*
        done
        check "refusals ($n_refused)" test "$n_refused" -gt 1
    done
fi

# ---- with PyTorch itself
torch() { /usr/bin/python3 "$SOURCE/tests/golden/torch_files.py" "$@"; }
if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    note "python3-torch is not installed"
    finish
fi
mkdir made ours
torch make made 2>err || { cat err; exit 1; }
n=0
for list in made/*.txt; do
    name=$(basename "$list" .txt)
    check "$name.pt has what PyTorch has" has_tensors "$list" "made/$name.pt"
    run avqa weights convert "made/$name.pt" -o "ours/$name.safetensors"
    expect_ok
    run avqa weights convert "ours/$name.safetensors" -o "ours/$name.pt"
    expect_ok
    check "$name.pt of ours is PyTorch's" torch same "made/$name.pt" "ours/$name.pt"
    n=$((n + 1))
done
check "ten files were compared" test "$n" -eq 10
run avqa weights inspect made/checkpoint.pt
expect_stdout '^the state dict under "state_dict"$'
run avqa weights inspect made/parallel.pt
expect_stdout '^names that lost a prefix: 27; renamed: 0$'
run avqa weights inspect made/two.pt
expect_failure 'weights inspect' '--key says which one; its keys are: a \(27 tensors\), b \(27 tensors\), n \(a whole number\)'
check "--key finds one of two" has_tensors made/model.txt made/two.pt --key b
run avqa weights inspect made/two.pt --key n
expect_failure 'weights inspect' 'no state dict under that key'
run avqa weights inspect made/whole-model.pt
expect_failure 'weights inspect' '__main__.Model is no part of a state dict; in Python: torch.save\('
run avqa weights inspect made/script.pt
expect_failure 'weights inspect' 'a TorchScript archive; in Python: torch.save\('
run avqa weights inspect made/expanded.pt
expect_failure 'weights inspect' 'the tensor "x" is far larger than what the file holds'
run avqa weights inspect made/complex.pt
expect_failure 'weights inspect' 'torch.ComplexFloatStorage is a kind of tensor that is not read here'

# A published network: 7,916,716 of its numbers are used, the rest is left out.
torch avst avst.pt
run avqa weights inspect avst.pt
expect_ok
expect_stdout '^fits avst: all 45 tensors; 93 words, 42 answers$'
expect_stdout '^not of it \(16\): fc_a1_pure.weight, '
run avqa weights convert avst.pt -o avst.safetensors --model avst
expect_ok
expect_stdout '^avst.safetensors: 45 tensors, 7916716 numbers$'
expect_stdout '^left out, not being of avst \(16\): '
run avqa weights inspect avst.pt --rename fc_gl=gl
expect_stdout '^has of avst: 43 of 45 tensors; 93 words, 42 answers$'
expect_stdout '^missing \(2\): fc_gl.weight, fc_gl.bias$'
expect_stdout '^also wholly there: avst-baseline, q, av\+q'
run avqa weights inspect avst.pt --model q
expect_stdout '^fits q: all 9 tensors; 93 words, 42 answers$'
run avqa weights inspect avst.pt --model vggish
expect_stdout '^has of vggish: 0 of [0-9]+ tensors$'
run avqa weights inspect avst.pt --model none
expect_failure 'weights inspect' 'no model is called "none"; there are avst, '
if /usr/bin/python3 -c 'import torchvision' 2>/dev/null; then
    torch resnet resnet18.pth
    run avqa weights convert resnet18.pth -o resnet18.safetensors --model resnet18
    expect_ok
    expect_stdout '^left out, not being of resnet18 \([0-9]+\): .*num_batches_tracked'
    run avqa weights inspect resnet18.safetensors
    expect_stdout '^fits resnet18: all 100 tensors$'
else
    note "python3-torchvision is not installed"
fi
finish
