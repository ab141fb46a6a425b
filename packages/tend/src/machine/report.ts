import { asFailure } from "../carry-out.ts";
import type { Scene } from "../doctor/scene.ts";
import { EXIT, type Failure } from "../model/failure.ts";
import type { Host } from "../model/fleet.ts";
import type { HostName } from "../model/names.ts";
import type { Report } from "../operation.ts";
import type { Session } from "../session.ts";
import type { Transport } from "../transport/transport.ts";
import { chosenHosts, sceneOfHost } from "./ask.ts";

/** What is told of a host: `data` for scripts, `lines` for people. */
export interface Told {
  readonly data: { readonly host: HostName };
  readonly lines: readonly string[];
}

/** Looks at hosts side by side. One that can't be had is told as that, and keeps nothing of the others back. */
export async function reportOnHosts(
  session: Session,
  names: readonly HostName[],
  look: (transport: Transport, scene: Scene) => Promise<Told>,
): Promise<Report> {
  const fleet = await session.fleet();
  const failures: Failure[] = [];
  const hosts = await Promise.all(
    chosenHosts(fleet, names).map(async (name): Promise<Told> => {
      const host = fleet.hosts.get(name) as Host;
      try {
        return await look(await session.transport(host), sceneOfHost(fleet, host));
      } catch (error) {
        const failure = asFailure(error);
        failures.push(failure);
        return failed(name, failure);
      }
    }),
  );
  const [first] = failures;
  // Where there is nothing else to show, all that is known of it is.
  if (first && failures.length === hosts.length) throw first;
  return {
    data: { hosts: hosts.map(({ data }) => data) },
    lines: hosts.flatMap(({ lines }, at) => [...(at > 0 ? [""] : []), ...lines]),
    exit: first ? EXIT[first.parts.exit] : undefined,
  };
}

function failed(host: HostName, { id, message: title, parts: { evidence = [] } }: Failure): Told {
  const data = { host, failure: { id, title, evidence } };
  return { data, lines: [`✖ ${title}`, ...evidence.map((line) => `    ${line}`)] };
}
