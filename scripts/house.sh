# shellcheck shell=bash
# What run, komachi and test share: where the data is, who runs it, what must be installed, how the program is published.

house=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }

# One clear sentence, and the exit code that says "cannot run here".
refuse() {
    printf '%s\n' "$*" >&2
    exit 3
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# ── What must be there ──────────────────────────────────────────────────────────────────────────────────────────────

need_dotnet() {
    command -v dotnet >/dev/null || refuse "The .NET 10 SDK is missing: get it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
    # Read to its end: with pipefail, a reader that leaves early looks like a failure.
    dotnet --list-sdks | grep '^10\.' >/dev/null || refuse "The .NET SDK here is not version 10: get it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
}

postgres_is_there() {
    local bin
    for bin in /usr/lib/postgresql/*/bin/postgres; do
        if [ -x "$bin" ]; then return 0; fi
    done
    return 1
}

# A tenth of the whole browser's time a page; where there is no such package, the browser does.
press_package() {
    if [ -n "$(apt-cache search --names-only '^chromium-headless-shell$' 2>/dev/null)" ]; then echo chromium-headless-shell
    elif ! command -v chromium >/dev/null; then echo chromium
    fi
}

# The Debian packages that are missing of: postgresql npm libicu setpriv, for PDFs press fonts, and for tests chromium clamd java poppler.
missing_packages() {
    local want
    for want in "$@"; do
        case $want in
            postgresql) postgres_is_there || echo postgresql ;;
            npm) command -v npm >/dev/null || echo nodejs npm ;;
            libicu) compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null || apt-cache search --names-only '^libicu[0-9]+$' | sort -V | tail -1 | cut -d' ' -f1 ;;
            setpriv) command -v setpriv >/dev/null || echo util-linux ;;
            clamd) [ -x /usr/sbin/clamd ] || echo clamav-daemon ;;
            chromium) command -v chromium >/dev/null || echo chromium ;;
            java) command -v java >/dev/null || echo default-jre-headless ;;
            press) [ -x /usr/lib/chromium/chromium-headless-shell ] || press_package ;;
            poppler) command -v pdffonts >/dev/null || echo poppler-utils ;;
            fonts) [ -d /usr/share/fonts/opentype/noto ] && compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || echo fonts-noto-cjk
                [ -d /usr/share/fonts/truetype/bizud-gothic ] || echo fonts-morisawa-bizud-gothic
                [ -d /usr/share/fonts/truetype/ipamj ] || echo fonts-ipamj-mincho ;;
        esac
    done
}

as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

install_missing() {
    local packages
    packages=$(missing_packages "$@" | tr '\n' ' ')
    if [ -z "${packages// /}" ]; then return; fi
    command -v apt-get >/dev/null || refuse "These packages are missing, and this is not Debian, where they could be installed for you: $packages"
    is_root || command -v sudo >/dev/null || refuse "Packages are missing; as root: apt-get install $packages"
    say "Installing $packages"
    case " $packages" in
        *" postgresql "*) no_cluster_of_its_own ;;
    esac
    # shellcheck disable=SC2086 # a list of names
    { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null; } ||
        refuse "The packages could not be installed; as root: apt-get install $packages"
}

# Debian's postgresql makes and starts a cluster when it is installed. Ours is private; one that is there is left alone.
no_cluster_of_its_own() {
    local settings=/etc/postgresql-common/createcluster.conf
    if grep -qs '^create_main_cluster' "$settings"; then return; fi
    as_root mkdir -p "$(dirname "$settings")"
    echo 'create_main_cluster = false' | as_root tee -a "$settings" >/dev/null
}

# ── Where the data is, and who runs it ──────────────────────────────────────────────────────────────────────────────

find_data() {
    local home
    if [ -n "${KOMACHI_DATA:-}" ]; then data=$KOMACHI_DATA
    elif is_root; then data=/var/lib/komachi
    else
        home=${XDG_DATA_HOME:-${HOME:-/}/.local/share}
        data=$home/komachi
    fi
    case $data in
        /*) ;;
        *) data=$PWD/$data ;;
    esac
    data=$(realpath -m -- "$data")
    export KOMACHI_DATA=$data
    if [ -e "$data" ] && [ ! -d "$data" ]; then refuse "$data is a file: the data folder must be a folder."; fi
    if [ -d "$data" ] && [ ! -e "$data/version" ] && [ -n "$(find "$data" -mindepth 1 -maxdepth 1 ! -name 'program*' ! -name lost+found -print -quit)" ]; then
        refuse "$data is not empty and not a data folder of Komachi: nothing was changed; choose another with KOMACHI_DATA."
    fi
    # The program would refuse as well, but by then another one would stand in its place.
    if [ -r "$data/version" ] && [ "$(cat -- "$data/version")" != 1 ]; then
        refuse "The data folder $data is of a newer Komachi (format $(head -c 20 -- "$data/version"), this program knows 1): nothing was changed; use that newer program."
    fi
    as=()
    if is_root; then
        # Whoever owns the data runs it; a new one gets a user of its own. Never root.
        runner=
        if [ -d "$data" ]; then runner=$(stat -c %U -- "$data"); fi
        if [ -z "$runner" ] || [ "$runner" = root ]; then runner=komachi; fi
        if [ "$runner" = UNKNOWN ]; then refuse "$data belongs to a user who is not known here."; fi
        as=(setpriv --reuid "$runner" --regid "$(id -gn "$runner" 2>/dev/null || echo komachi)" --init-groups --inh-caps=-all --no-new-privs env "HOME=$data" "USER=$runner")
    fi
}

make_data() {
    if is_root; then
        if ! id "$runner" >/dev/null 2>&1; then
            useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$runner" ||
                refuse "The system user $runner could not be made."
        fi
        mkdir -p -- "$data" || refuse "The data folder $data cannot be made."
        chown "$runner:" -- "$data" && chmod 0700 -- "$data"
    else
        mkdir -p -- "$data" 2>/dev/null || refuse "The data folder $data cannot be made."
        if [ ! -O "$data" ] || [ ! -w "$data" ]; then refuse "The data folder $data cannot be written by $(id -un)."; fi
        chmod 0700 -- "$data"
    fi
}

# A lock that the program holds as long as it runs on this data.
is_running() { [ -e "$data/lock" ] && ! flock --nonblock "$data/lock" true; }

# ── The program ─────────────────────────────────────────────────────────────────────────────────────────────────────

# Of everything that the program is made of: when one file changes, comes or goes, this does.
sources() {
    (
        cd "$house" || exit
        find src towns Directory.*.props global.json \( -name bin -o -name obj -o -name node_modules -o -path src/Komachi.Ui/assets \) -prune \
            -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum
        dotnet --version
    )
}

publish() {
    local now=$1 log free
    free=$(df --output=avail --block-size=1M -- "$data" | tail -1)
    if [ "$free" -lt 400 ]; then refuse "The disk of $data is full: ${free// /} MB are free and Komachi wants at least 400."; fi
    say "Building Komachi (a minute the first time)"
    rm -rf -- "$data/program.new"
    log=$(mktemp)
    for project in Komachi.Host Komachi.Sandbox; do
        if ! dotnet publish "$house/src/$project" -c Release -o "$data/program.new" --nologo -v quiet >"$log" 2>&1; then
            grep -E 'error' "$log" | sort -u | head -20 >&2 || tail -20 "$log" >&2
            rm -rf -- "$data/program.new" "$log"
            printf '%s\n' "Komachi could not be built; nothing was changed." >&2
            exit 1
        fi
    done
    rm -f -- "$log"
    chmod -R u=rwX,go=rX -- "$data/program.new"
    rm -rf -- "$data/program"
    mv -- "$data/program.new" "$data/program"
    printf '%s\n' "$now" >"$data/program.stamp"
}

publish_when_changed() {
    local now
    now=$(sources)
    if [ -x "$data/program/komachi" ] && [ "$(cat "$data/program.stamp" 2>/dev/null)" = "$now" ]; then return; fi
    publish "$now"
}

# The published program is started by the .NET that published it, which its user must be able to read.
find_dotnet() {
    DOTNET_ROOT=$(dirname "$(realpath "$(command -v dotnet)")")
    export DOTNET_ROOT
    "${as[@]}" test -x "$DOTNET_ROOT/dotnet" ||
        refuse "The user ${runner:-$(id -un)} cannot use the .NET in $DOTNET_ROOT: install it where everyone can read it, like /usr/lib/dotnet."
}
