import { type Examined, examineAll } from "../../../doctor/diagnose.ts";
import type { ProxyFiles } from "../../../doctor/facts/certificate-files.ts";
import type { CertificateSeen } from "../../../doctor/facts/certificates.ts";
import type { Measured } from "../../../doctor/facts/index.ts";
import { defineOperation } from "../../../operation.ts";
import { someApps } from "../../../params.ts";
import { diagnosisLines } from "../../../render/doctor.ts";
import { table } from "../../../render/table.ts";
import { covers, lapse, lifeOf } from "../../../tls/certificate.ts";
import { addressText } from "../../../tls/endpoint.ts";
import { type DomainSeen, isAmong, joined, meant } from "./look.ts";

export const status = defineOperation({
  kind: "report",
  name: "tls status",
  summary: "Show the certificate of every route, at each of its addresses, and what is wrong with it",
  details: `Each address of a domain, v4 and v6, is asked as a browser would, and held against what the proxy has on disk. What is
left is told as a share of the lifetime: certificates live for 6, 45, 64 or 90 days. Exits 3 with findings above information.`,
  effect: "reads",
  params: { apps: someApps() },
  examples: [
    { command: "tend tls status", explains: "the whole fleet" },
    { command: "tend tls status skriptoteket --json", explains: "for scripts: names, issuers, times, fingerprints" },
  ],
  async report(session, input) {
    const examined = await examineAll(session, { apps: input.apps, only: ["tls", "host.reachable"], hardening: false });
    const domains = examined.flatMap(domainsIn);
    const now = new Date();
    const diagnoses = examined.map(({ diagnosis }) => diagnosis);
    const ill = diagnoses.some(({ findings }) => findings.some(({ severity }) => severity !== "info"));
    return {
      data: { domains: domains.map((one) => ({ ...one, proxy: one.proxy?.name })), hosts: diagnoses },
      lines: [...rowsOf(domains, now), "", ...diagnosisLines(diagnoses)],
      exit: ill ? 3 : 0,
    };
  },
});

function domainsIn({ scene, gathered: { facts } }: Examined): readonly DomainSeen[] {
  return joined(scene, valueOf<CertificateSeen>(facts.certificates), valueOf<ProxyFiles>(facts.certificateFiles));
}

function valueOf<T>(fact: Measured): readonly T[] {
  return "unmeasured" in fact ? [] : ((fact.value ?? []) as readonly T[]);
}

function rowsOf(domains: readonly DomainSeen[], now: Date): readonly string[] {
  if (domains.length === 0) return ["no route is declared"];
  const rows = domains.flatMap((one) => (one.at.length === 0 ? [[one.domain, one.skipped ?? "no address"]] : atEach(one, now)));
  return table(["domain", "at", "left", "until", "on disk", "issuer"], rows);
}

function atEach({ domain, at, files }: DomainSeen, now: Date): readonly (readonly string[])[] {
  return at.map(({ address, served }) => {
    const where = addressText(address);
    if (served.kind !== "served") return [domain, where, served.why];
    const [leaf] = served.chain;
    if (!leaf) return [domain, where, "no certificate"];
    const life = lifeOf(leaf, now);
    const left = life.milliseconds > 0 ? `${Math.floor(life.share * 100)} %, ${lapse(life.milliseconds)}` : "expired";
    const disk = files === undefined ? "?" : files.length === 0 ? "none" : isAmong(leaf, meant(files)) ? "the same" : "another";
    const others = covers(leaf, domain) ? "" : ` for ${leaf.names[0] ?? (leaf.subject || "nobody")}`;
    return [domain, where, left, leaf.until.slice(0, 10), disk, `${leaf.issuer}${others}`];
  });
}
