import { isCarrierNat } from "../../../dns/addresses.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { judgedNames } from "./judged.ts";

/** They use the same addresses for networks of their own, on interfaces of their own. */
const OVERLAY = /^(tailscale|ts|utun|wg|zt)/;

export const cgnat = defineCheck({
  id: "dns.cgnat",
  severity: "error",
  finds: "a host behind its provider's NAT, where nobody can reach it over IPv4",
  about:
    "Providers that are short of addresses share one among several customers: the router's own address is then in 100.64.0.0/10. No port forwarding helps, and a record with such an address leads nowhere. Looked at are the host's outward interface, what the domains' records say, and what ddclient has sent. An overlay network's own address (Tailscale uses the same range) is no such case.",
  remedy:
    "Ask the provider for a public IPv4 address, use IPv6, or lead visitors in through a tunnel or a small server elsewhere.",
  fixClass: "person",
  *judge(seen, scene) {
    const { addresses, outward } = seen.addresses;
    const names = judgedNames(seen, scene);
    const subject = subjectOf(scene);
    if (names.length === 0) return;
    const own = new Set([...addresses.map((one) => one.address), ...(scene.host.addresses ?? [])]);
    const onInterface = addresses.filter(
      (one) => one.interface === outward && !OVERLAY.test(one.interface) && isCarrierNat(one.address),
    );
    const published = names.flatMap(({ seen: { name, servers } }) =>
      [...new Set(servers.flatMap(({ a }) => a))]
        .filter((one) => isCarrierNat(one) && (!own.has(one) || onInterface.some(({ address }) => address === one)))
        .map((address) => ({ name, address })),
    );
    const sent = seen.ddclient.remembers.filter(({ ip }) => ip !== undefined && isCarrierNat(ip) && !own.has(ip));
    const evidence = [
      ...onInterface.map((one) => `${one.interface}, the way out of ${scene.host.name}, has ${one.address}`),
      ...published.map(({ name, address }) => `${name} → ${address}`),
      ...sent.map(({ host, ip }) => `ddclient has sent ${ip} for ${host}`),
    ];
    if (evidence.length === 0) {
      yield pass(subject);
      return;
    }
    const address = published[0]?.address ?? onInterface[0]?.address ?? sent[0]?.ip;
    // With a tunnel, or with another address in DNS, it may well be meant so.
    const isMeant = published.length === 0;
    yield fail(subject, {
      severity: isMeant ? "info" : "error",
      title: `${scene.host.name} is behind its provider's NAT: ${address} can't be reached from the internet`,
      evidence,
      cause: "100.64.0.0/10 is what providers share among several customers (carrier-grade NAT)",
      fix: {
        class: "person",
        text: "ask the provider for a public IPv4 address, use IPv6, or lead visitors in through a tunnel; port forwarding can't help",
      },
      reaches: published.flatMap(({ name }) => names.filter((one) => one.seen.name === name).map((one) => one.subject)),
    });
  },
});
