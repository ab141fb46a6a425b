import { posix } from "node:path";
import { appKey, envFiles } from "../../observe/place.ts";
import { lines, remotePath, sh } from "../../transport/argv.ts";
import { hostPart, known } from "./part.ts";

/** A file with secrets that every user of the host can read. */
export interface OpenSecret {
  /** The app, or the folder's name where it is that of a compose project that isn't declared. */
  readonly of: string;
  readonly path: string;
  readonly mode: string;
  readonly kind: "env" | "key";
  /** The user that tend works as owns it. */
  readonly own: boolean;
}

/** A file in a git repository that holds a secret. */
export interface TrackedSecret {
  readonly of: string;
  readonly file: string;
  /** `12: DB_PASSWORD`, `1: a private key`; never a value. */
  readonly holds: readonly string[];
}

export interface SecretsSeen {
  readonly open: readonly OpenSecret[];
  readonly tracked: readonly TrackedSecret[];
  /** How many files were looked at. */
  readonly files: number;
}

const NAMED = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "PRIVATE_KEY", "API_?KEY", "ACCESS_KEY"].join("|");
/** A line that gives such a variable a value of its own: neither empty, nor another's, nor one to be replaced. */
const ASSIGNS = `^[[:space:]]*(export )?[A-Za-z0-9_]*(${NAMED})[A-Za-z0-9_]*=["']?[^"'$<[:space:]#]`;
const PLACEHOLDER = `=["']?(change|replace|your|example|todo|xxx|\\*\\*\\*|none|null|true|false|/)`;

/** Env files and private keys in the folders of the apps, and of every compose project that runs. Names only: no value is read out. */
export const secrets = hostPart<SecretsSeen>({
  after: true,
  script: ({ apps }, first) => {
    const declared = apps.map((app) => sh`look ${appKey(app)} ${remotePath(app.path)} ${envFiles(app)}`);
    const containers = known(() => first.containers) ?? [];
    const projects = new Set(containers.flatMap((one) => (one.state === "running" ? (one.workingDir ?? []) : [])));
    const others = [...projects].map((folder) => sh`look ${posix.basename(folder)} ${folder}`);
    return sh`seen=" "
# Others can only read what stands in folders that they may pass.
passable() {
  up=$(dirname "$1")
  while :; do
    case $(stat -c %a "$up" 2>/dev/null) in *[1357]) ;; *) return 1 ;; esac
    [ "$up" != / ] || return 0
    up=$(dirname "$up")
  done
}
open() { # of, file, kind
  mode=$(stat -c %a "$2" 2>/dev/null) || return 0
  echo file
  case $mode in *[4567]) passable "$2" || return 0 ;; *) return 0 ;; esac
  [ -O "$2" ] && own=yes || own=no
  echo "open $1 $mode $3 $own $2"
}
look() { # of, folder, further env files
  of=$1 folder=$(cd "$2" 2>/dev/null && pwd -P) || return 0
  case $seen in *" $folder "*) return 0 ;; esac
  seen="$seen$folder "
  shift 2
  cd "$folder" || return 0
  { for file in "$@"; do [ -f "$file" ] && readlink -f "$file"; done
  find "$folder" -maxdepth 4 \( -name .git -o -name node_modules -o -name vendor -o -name .venv \) -prune -o -type f \( -name .env -o -name '.env.*' -o -name acme.json -o -name '*.key' -o -name '*.pem' -o -name 'id_rsa' -o -name 'id_ed25519' \) -print 2>/dev/null
  } | grep -vE '\.(example|sample|template|dist)(\.|$)|\.env\.(example|sample|template|dist)' | sort -u | head -n 100 | while read -r file; do
    case $file in
    *acme.json) open "$of" "$file" key ;;
    *.key | *.pem | */id_rsa | */id_ed25519) grep -q 'PRIVATE KEY' "$file" 2>/dev/null && open "$of" "$file" key ;;
    *) open "$of" "$file" env ;;
    esac
  done
  git -c core.fsmonitor=false ls-files 2>/dev/null | grep -E '(^|/)(\.env|\.env\.[^/]*|[^/]*\.env|acme\.json|id_rsa|id_ed25519|[^/]*\.key|[^/]*\.pem)$' | grep -vE '(example|sample|template|dist|test)' | head -n 50 | while read -r file; do
    echo file
    case $file in
    *.key | *.pem | *id_rsa | *id_ed25519 | *acme.json) grep -nE 'BEGIN .*PRIVATE KEY|"PrivateKey"' "$file" 2>/dev/null | head -n 1 | sed "s|^\([0-9]*\):.*|tracked $of $file \1: a private key|" ;;
    *) grep -nE ${ASSIGNS} "$file" 2>/dev/null | grep -viE ${PLACEHOLDER} | head -n 3 | sed "s|^\([0-9]*\):[[:space:]]*\(export \)\{0,1\}\([A-Za-z0-9_]*\)=.*|tracked $of $file \1: \3|" ;;
    esac
  done
}
${lines([...declared, ...others])}
:`;
  },
  read: ({ stdout }) => {
    const lines = stdout.split("\n");
    const tracked = new Map<string, TrackedSecret>();
    for (const line of lines) {
      const found = /^tracked (\S+) (.+) (\d+: (?:a private key|\w+))$/.exec(line);
      if (!found) continue;
      const [, of = "", file = "", holds = ""] = found;
      const known = tracked.get(`${of} ${file}`);
      tracked.set(`${of} ${file}`, { of, file, holds: [...(known?.holds ?? []), holds] });
    }
    const open = lines.flatMap((line): readonly OpenSecret[] => {
      const found = /^open (\S+) (\d+) (env|key) (yes|no) (.+)$/.exec(line);
      if (!found) return [];
      const [, of = "", mode = "", kind, own, path = ""] = found;
      return [{ of, path, mode, kind: kind as OpenSecret["kind"], own: own === "yes" }];
    });
    return { open, tracked: [...tracked.values()], files: lines.filter((line) => line === "file").length };
  },
});
