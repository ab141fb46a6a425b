import { NOT_ROOT, ROOT } from "../../machine/root.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** `docker-proxy`, `nginx`; undefined where only root could say. */
  readonly process?: string;
  readonly pid?: number;
}

export interface ListeningSeen {
  readonly tcp: readonly Listener[];
  /** Undefined where there is no ufw, or only root could say. */
  readonly ufw?: "active" | "inactive";
}

export const listening = hostPart<ListeningSeen>({
  script: () => sh`${ROOT}
command -v ss >/dev/null || { echo "there is no ss on it (package iproute2)" >&2; exit 3; }
root ss -Hltnp || { [ $? = ${NOT_ROOT} ] && ss -Hltnp; } || exit 4
command -v ufw >/dev/null && root ufw status 2>/dev/null | sed -n 's/^Status: /ufw /p'
:`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `ss ended with ${exit}`);
    const tcp = stdout.split("\n").flatMap((line): readonly Listener[] => {
      const found = /^LISTEN\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\("([^"]+)",pid=(\d+))?/.exec(line);
      if (!found) return [];
      const [, address = "", port, process, pid] = found;
      return [{ address: address.replace(/^\[|\]$/g, ""), port: Number(port), process, pid: pid ? Number(pid) : undefined }];
    });
    const ufw = /^ufw (active|inactive)/m.exec(stdout)?.[1] as ListeningSeen["ufw"];
    return { tcp, ufw };
  },
});
