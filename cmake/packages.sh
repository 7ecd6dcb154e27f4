# Debian packages, by what needs them. Sourced by ./demo, ./test and .ci/run.
#   avqa_install build        what compiling and running needs
#   avqa_install test         what the tests need on top
#   avqa_install browser      what trying the report page in a browser needs on top

avqa_packages() {
    case $1 in
    build)
        echo build-essential cmake ninja-build pkg-config libsqlite3-dev libcjson-dev \
            libunistring-dev nettle-dev libxxhash-dev libcairo2-dev libpango1.0-dev \
            libfontconfig-dev fonts-dejavu-core fonts-droid-fallback libcadical-dev \
            libcurl4-openssl-dev libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev \
            libswscale-dev libswresample-dev libchromaprint-dev libebur128-dev libdnnl-dev \
            libzstd-dev
        ;;
    test)
        echo libcmocka-dev jq sqlite3 python3 time man-db groff poppler-utils \
            libxml2-utils ffmpeg clang-format clang-tidy libmicrohttpd-dev openssl yt-dlp \
            zstd libarchive-tools python3-numpy python3-zstandard
        ;;
    browser)
        echo chromium
        command -v node >/dev/null || echo nodejs
        command -v npm >/dev/null || echo npm
        ;;
    esac
}

# Installs what is missing, as root or through sudo; says what it does.
avqa_install() {
    local missing=() package sudo=
    for package in $(avqa_packages "$1"); do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    [[ $(id -u) -eq 0 ]] || sudo=sudo
    if [[ -n $sudo ]] && ! command -v sudo >/dev/null; then
        echo "these packages are missing, and neither root nor sudo is at hand:" >&2
        echo "    apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "installing: ${missing[*]}"
    $sudo apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
            --no-install-recommends "${missing[@]}" >/dev/null
}
