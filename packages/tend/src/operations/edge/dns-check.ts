import { answerText, tells } from "../../dns/compare.ts";
import { type JudgedName, judgedNames } from "../../doctor/checks/dns/judged.ts";
import { type Examined, examineAll } from "../../doctor/diagnose.ts";
import { seenOf } from "../../doctor/facts/index.ts";
import type { Names } from "../../doctor/facts/names.ts";
import { Unmeasured } from "../../doctor/facts/part.ts";
import { defineOperation } from "../../operation.ts";
import { someApps } from "../../params.ts";
import { diagnosisLines } from "../../render/doctor.ts";
import { table } from "../../render/table.ts";

export const dnsCheck = defineOperation({
  kind: "report",
  name: "dns check",
  summary: "Ask the responsible name servers for each domain, and hold that against its host",
  details: `No resolver's memory is in between: each domain's own name servers are asked, or those under dns.servers. Where a
host is, is declared (hosts.NAME.addresses), found on its interfaces, or what dns.echo answers. Exits 3 with findings.`,
  effect: "reads",
  params: { apps: someApps("whose domains; all of them when none is named") },
  examples: [
    { command: "tend dns check", explains: "every domain of the fleet" },
    { command: "tend dns check skriptoteket --json", explains: "with what each name server said" },
  ],
  async report(session, { apps }) {
    const examined = await examineAll(session, { apps, only: ["dns"], hardening: false });
    const hosts = examined.map((one) => ({ ...namesOf(one), diagnosis: one.diagnosis }));
    const rows = hosts.flatMap((host) => [
      ...host.judged.map((name) => [name.seen.name, saidOf(name), standsOf(name, host.diagnosis.host)]),
      ...host.skipped.map(({ name, why }) => [name, "", `not asked: ${why}`]),
    ]);
    const findings = hosts.flatMap(({ diagnosis }) => diagnosis.findings);
    const troubled = hosts.filter(
      ({ diagnosis: { findings, unknown, crashed } }) => findings.length + unknown.length + crashed.length > 0,
    );
    return {
      data: {
        hosts: hosts.map(({ judged, skipped, diagnosis }) => ({
          host: diagnosis.host,
          names: judged.map(({ seen, standing }) => ({ ...seen, standing: standing.kind })),
          skipped,
          findings: diagnosis.findings,
          unknown: diagnosis.unknown,
        })),
      },
      lines: [
        ...(rows.length > 0 ? table(["domain", "name servers say", ""], rows) : ["no app here has a domain"]),
        ...(troubled.length > 0 ? ["", ...diagnosisLines(troubled.map(({ diagnosis }) => diagnosis))] : []),
      ],
      exit: findings.some(({ severity }) => severity !== "info") ? 3 : 0,
    };
  },
});

function namesOf({ gathered, scene }: Examined): { readonly judged: readonly JudgedName[]; readonly skipped: Names["skipped"] } {
  const seen = seenOf(gathered.facts);
  try {
    return { judged: judgedNames(seen, scene), skipped: seen.names.skipped };
  } catch (error) {
    // Which of it can't be known, and why, the diagnosis says.
    if (error instanceof Unmeasured) return { judged: [], skipped: [] };
    throw error;
  }
}

function saidOf({ seen }: JudgedName): string {
  const said = [...new Set(seen.servers.filter(tells).map(answerText))];
  const answers = said.length > 0 ? said.join(" | ") : "nothing";
  return seen.aliases.length > 0 ? `→ ${seen.aliases.at(-1)}: ${answers}` : answers;
}

function standsOf({ standing, seen }: JudgedName, host: string): string {
  switch (standing.kind) {
    case "right":
      return `leads to ${host}${seen.wildcard ? ", by a wildcard" : ""}`;
    case "fronted":
      return `leads to what stands in front of ${host}`;
    case "missing":
      return "missing";
    case "wrong":
      return "wrong";
    case "stale-six":
      return "AAAA is wrong";
    case "disagree":
      return "they disagree";
    case "lame":
      return "no server answers for it";
    case "unknown":
      return "not known";
  }
}
