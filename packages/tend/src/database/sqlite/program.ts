import { lines, type Script, sh } from "../../transport/argv.ts";

/**
 * A program for `tend_files`: what it begins with. The database's path is $path; where that is somebody's symbolic link,
 * what it leads to, but for the links that a swap makes itself.
 */
export function program(...rest: readonly Script[]): string {
  return lines([
    sh`path=$1; shift
trouble() { printf 'trouble: %s\n' "$1" >&2; exit 1; }
durable() { sync "$@" 2>/dev/null || sync; }
base=$(basename "$path")
case $(readlink "$path") in
''|"$base".before-*|"$base".tend-*) ;;
*) path=$(readlink -f "$path") base=$(basename "$path") ;;
esac
folder=$(dirname "$path")`,
    ...rest,
  ]).text;
}
