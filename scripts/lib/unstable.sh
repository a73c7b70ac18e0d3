# shellcheck shell=bash
# Packages of Debian's unstable release, which are unpacked below .tools and never installed.

# apt_unstable FOLDER ARGUMENT…: apt-get that knows that release alone, and thinks that nothing is installed; its files are in FOLDER.
apt_unstable() {
    local folder=$1
    shift
    apt-get -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts="$folder/none" -o Dir::Etc::PreferencesParts="$folder/none" \
        -o Dir::State::Lists="$folder/lists" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache" \
        -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false "$@"
}

# unpack_unstable FOLDER NAME PACKAGE…: the packages with all that they need into FOLDER/root; NAME is for the logs.
unpack_unstable() {
    local folder=$1 name=$2 package
    shift 2
    rm -rf "$folder"
    mkdir -p "$folder/root" "$folder/none" "$folder/lists/partial" "$folder/cache/archives/partial"
    : >"$folder/status"
    # shellcheck disable=SC2016  # apt's own variable
    apt-get indextargets --format 'deb $(SITE) sid main' 'Created-By: Packages' 'Origin: Debian' | head -n 1 >"$folder/sources.list"
    quietly "$name-lists.log" apt_unstable "$folder" update || return 1
    quietly "$name-fetch.log" apt_unstable "$folder" install --download-only --yes --no-install-recommends "$@" || return 1
    for package in "$folder"/cache/archives/*.deb; do
        quietly "$name-unpack.log" dpkg -x "$package" "$folder/root" || return 1
    done
    rm -rf "$folder/cache" "$folder/lists"
}

# run_by_own_loader FOLDER PROGRAM [ARGUMENT…]: a program of that name in FOLDER/bin, with the C library it was made for.
run_by_own_loader() {
    local folder=$1 root=$1/root program=$2 loader
    loader=$(find "$root" -name 'ld-linux*.so.*' | head -n 1)
    mkdir -p "$folder/bin"
    printf '#!/bin/sh\nexec %s --library-path %s %s %s "$@"\n' "$loader" "$(dirname "$(find "$root" -name 'libc.so.6' | head -n 1)")" "$root/$program" "${*:3}" \
        >"$folder/bin/${program##*/}"
    chmod 755 "$folder/bin/${program##*/}"
}
