import { posix } from "node:path";
import { readComposeFiles, variablesOf } from "../compose-files/files.ts";
import { parseFleet } from "../config/parse-fleet.ts";
import { DEFAULT_CONTRACT } from "../model/contract.ts";
import { breachHead } from "../render/contract.ts";
import { byName, type Judgement, judgeContract } from "./judge.ts";
import { resolveFiles } from "./resolve.ts";
import type { ImageKnown } from "./rule.ts";

export interface Project {
  /** By name: `compose.yaml`, and whatever it refers to. */
  readonly files: Readonly<Record<string, string>>;
  readonly compose?: readonly string[];
  /** The app's lines in tend.yaml. */
  readonly app?: string;
  readonly image?: ImageKnown;
}

const HEAD =
  "fleet: home\nhosts: { hemma: { ssh: hemma } }\nproxies:\n  edge: { host: hemma, kind: nginx-proxy, container: nginx-proxy, network: edge-network }\n  inner: { host: hemma, kind: nginx, container: inner, network: shop_default }\napps:\n  shop:\n    host: hemma\n    path: ~/shop\n";

/** For tests: an app's compose files, held against the contract that it declares. */
export function held({ files, compose = ["compose.yaml"], app: lines = "", image }: Project): Judgement {
  const fleet = parseFleet(HEAD + lines.replace(/^(?=.)/gm, "    "), "/home/me/tend.yaml");
  const [app] = fleet.apps.values();
  if (!app) throw new Error("no app");
  const read = (name: string) => (Object.hasOwn(files, posix.normalize(name)) ? files[posix.normalize(name)] : undefined);
  const composeFiles = readComposeFiles({ files: compose, variables: variablesOf([read(".env")]), read });
  const composed = resolveFiles(composeFiles, { project: "shop", profiles: app.profiles });
  const contract = app.contract ?? DEFAULT_CONTRACT;
  return judgeContract({
    fleet,
    app,
    contract,
    files: composeFiles,
    composed,
    image: (service) => ({ ...byName(service), ...image }),
  });
}

/** The breaches' first lines. */
export function breachesOf(project: Project): readonly string[] {
  return held(project).breaches.map(breachHead);
}
