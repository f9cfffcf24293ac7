# Sourced by POSIX shells: finds a JDK that can build and run Fallow.
#
#   find_jdk    prints its home; fails with one line on standard error if there is none
#
# Looks at JAVA_HOME, then at javac in PATH, then where systems keep JDKs. Releases 25.0.0 to 25.0.2
# can corrupt arrays that are handed to native code, so they do not count.

# Whether "$1" is the home of a JDK 25.0.3 or newer.
is_fit_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9.]*\).*/\1/p' "$1/release")
  old_ifs=$IFS
  IFS=.
  # shellcheck disable=SC2086 # the parts are words
  set -- $version
  IFS=$old_ifs
  [ "${1:-0}" -gt 25 ] && return 0
  [ "${1:-0}" -eq 25 ] || return 1
  [ "${2:-0}" -gt 0 ] && return 0
  [ "${3:-0}" -ge 3 ]
}

find_jdk() {
  in_path=$(command -v javac 2>/dev/null) && in_path=$(readlink -f "$in_path")
  for home in "${JAVA_HOME:-/nonexistent}" "${in_path%/bin/javac}" /usr/lib/jvm/* /opt/*jdk* \
    /usr/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if is_fit_jdk "$home"; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  echo "no JDK 25.0.3 or newer found; set JAVA_HOME to one" >&2
  return 1
}
