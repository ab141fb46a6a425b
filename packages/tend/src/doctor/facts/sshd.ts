import { NOT_ROOT, ROOT } from "../../machine/root.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** How sshd lets people in. */
export interface SshdSeen {
  readonly settings: Readonly<Record<string, string>>;
  readonly listens: readonly string[];
  /** Accounts that have a password to guess. */
  readonly withPassword: readonly string[];
}

/** Undefined where no OpenSSH server is installed. */
export const sshd = hostPart<SshdSeen | undefined>({
  script: () => sh`${ROOT}
command -v sshd >/dev/null || exit 0
settings=$(root sshd -T 2>&1) || { code=$?; echo "$settings" | tail -n 1 >&2; exit $code; }
echo "$settings" | grep -E '^(permitrootlogin|passwordauthentication|kbdinteractiveauthentication|permitemptypasswords|listenaddress|usepam) '
root awk -F : '$2 ~ /^[$_]/ || $2 ~ /^[.\/A-Za-z0-9]+$/ { print "account " $1 }' /etc/shadow`,
  read: ({ exit, stdout, stderr }) => {
    if (exit === NOT_ROOT) throw new Unmeasured("only root may read how sshd is set up");
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `sshd -T ended with ${exit}`);
    if (stdout === "") return undefined;
    const pairs = stdout.split("\n").flatMap((line) => {
      const at = line.indexOf(" ");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    });
    const all = (key: string) => pairs.flatMap(([name, value]) => (name === key ? [value] : []));
    return {
      settings: Object.fromEntries(pairs.filter(([name]) => name !== "account" && name !== "listenaddress")),
      listens: all("listenaddress"),
      withPassword: all("account"),
    };
  },
});
