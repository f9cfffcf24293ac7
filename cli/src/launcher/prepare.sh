#!/bin/sh
# Gets ./fallow ready to start: finds a JDK, builds, and trains an AOT cache. One line on the error
# stream says that it takes a while, and one says what is missing if something is.
#
#   sh cli/src/launcher/prepare.sh HOME_OF_THE_SOURCES
set -u

home=$1
target=$home/cli/target
app=$target/app

fail() {
  printf 'fallow: %s\n' "$1" >&2
  exit 1
}

# note NAME VALUE: a line that sets a variable, whatever characters the value has
note() {
  printf "%s='%s'\n" "$1" "$(printf '%s' "$2" | sed "s/'/'\\\\''/g")"
}

# is_jdk DIR: whether it is a JDK of at least 25.0.3
is_jdk() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$1/release")
  major=${version%%.*}
  case $version in
    25.0.[012] | 25.0.[012].* | 25) return 1 ;;
  esac
  case $major in
    '' | *[!0-9]*) return 1 ;;
  esac
  [ "$major" -ge 25 ]
}

find_jdk() {
  on_path=$(command -v javac 2> /dev/null) && on_path=$(readlink -f "$on_path")
  on_path=${on_path%/bin/javac}
  for candidate in "${JAVA_HOME-}" "$on_path" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    /opt/*jdk* /usr/local/*jdk* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/*; do
    if [ -n "$candidate" ] && is_jdk "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

java_home=$(find_jdk) ||
  fail "a JDK of version 25.0.3 or later is needed; install one (adoptium.net) or set JAVA_HOME"
command -v mvn > /dev/null 2>&1 ||
  fail "Maven 3.8.7 or later is needed to build Fallow; install it (apt-get install maven)"
mkdir -p "$target" 2> /dev/null ||
  fail "cannot write to $target; run ./fallow once as the owner of its sources"

# Two first uses at the same time: the second one waits, and finds the work done.
if command -v flock > /dev/null 2>&1; then
  exec 9> "$target/prepare.lock"
  if ! flock -n 9; then
    printf 'fallow: waiting for another build of it\n' >&2
    flock 9
    [ -r "$app/note" ] && exit 0
  fi
fi

printf 'fallow: building, this takes about a minute\n' >&2
# Dated before the build: what changes during it is newer.
rm -rf "$app" "$target/app.new"
mkdir "$target/app.new"
: > "$target/app.new/note"
log=$target/prepare.log
JAVA_HOME=$java_home mvn -q -B -f "$home/pom.xml" -pl cli -am -Dmaven.test.skip=true package \
  > "$log" 2>&1 || fail "the build failed; $log says why"
cp -p "$target"/fallow-cli-*.jar "$target"/lib/*.jar "$target/app.new" ||
  fail "the build left no jars in $target"

# The cache keeps the paths of the jars, so they are trained where they stay.
mv "$target/app.new" "$app"
class_path=
for jar in "$app"/*.jar; do class_path=$class_path${class_path:+:}$jar; done
work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'rm -rf "$work"' EXIT INT TERM
"$java_home/bin/java" -XX:AOTCacheOutput="$app/fallow.aot" -XX:+UseSerialGC -Xms16m -Xmx256m \
  --enable-native-access=ALL-UNNAMED -cp "$class_path" io.fallow.cli.Training "$work" \
  >> "$log" 2>&1 || printf 'fallow: no AOT cache, so it starts slower; %s says why\n' "$log" >&2

# The note's date has to stay that of the build's start.
touch -r "$app/note" "$app/date"
{
  note noted_app "$app"
  note java_home "$java_home"
  note asked_home "${JAVA_HOME-}"
  note class_path "$class_path"
} > "$app/note"
touch -r "$app/date" "$app/note"
