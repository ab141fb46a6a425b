import { defaultContainerName } from "../../runtime/compose/place.ts";
import { DATABASES, dataFolder } from "../images.ts";
import { defineRule, type Subject } from "../rule.ts";

export const ports = defineRule({
  name: "ports",
  asks: "no database on a public port; with `closed: all`, no published port at all but on this machine's own address",
  why: "the engine opens published ports past the firewall: ufw has no say in it",
  keys: ["ports", "network_mode"],
  *judge({ service, source }, { closed }) {
    const { name } = service;
    for (const { target, published, address, unsettled: open } of service.ports) {
      if (isOwn(address)) continue;
      const database = DATABASES.get(Number(target));
      if (closed === "databases" && database === undefined) continue;
      const where = address === undefined || /^(0\.0\.0\.0|::)$/.test(address) ? "to everyone" : `on ${address}`;
      yield {
        title: `${name} publishes port ${published ?? target}${database === undefined ? "" : ` of ${database}`} ${where}`,
        at: source.item("ports", ...(published === undefined ? [] : [`${published}:${target}`]), `:${target}`, target),
        fix: {
          text: "take it out: services reach each other by name; or keep it to the machine",
          lines: [`- "127.0.0.1:${published ?? target}:${target}"`],
        },
        open,
      };
    }
    if (service.networkMode === "host" && service.image !== undefined && dataFolder(service.image) !== undefined) {
      const fix = { text: "take it out", lines: [] };
      const title = `${name} has its database on every address of the host`;
      yield { title, at: source.key("network_mode"), fix, open: service.unsettled.get("network_mode") ?? [] };
    }
  },
});

/** An address that only the machine, or a private network, reaches. */
function isOwn(address: string | undefined): boolean {
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|localhost$)/i.test(
    address ?? "",
  );
}

export const network = defineRule({
  name: "network",
  asks: "services with a route to be on the proxy's network, and that to be external unless the proxy stands in the same files; or on the networks in `need`",
  why: "a proxy that shares no network with a service answers 502, and a network that Compose makes goes away with it",
  keys: ["networks", "network_mode"],
  *judge(subject, { need }) {
    const { service, composed, source, routed } = subject;
    if (!routed || service.networkMode !== undefined) return;
    for (const wanted of need.flatMap((name) => (name === "proxy" ? proxyNetwork(subject) : [name]))) {
      const joined = service.networks.map((key) => ({ key, ...(composed.networks.get(key) ?? { name: key, external: false }) }));
      const found = joined.find(({ name }) => name === wanted);
      if (found?.external || (found && hasTheProxy(subject))) continue;
      const sameKey = joined.find(({ key }) => key === wanted) ?? found;
      const lines = sameKey
        ? [`networks:  # at the top`, `  ${sameKey.key}: { external: true, name: ${wanted} }`]
        : ["networks:", "  - default", `  - ${wanted}  # and below networks: at the top, ${wanted}: { external: true }`];
      yield {
        title: sameKey
          ? `the network ${wanted} of ${service.name} isn't external: Compose would make one of its own`
          : `${service.name} isn't on the network ${wanted}`,
        at: service.networks.length > 0 ? source.key("networks", sameKey?.key ?? "") : source.own,
        fix: { text: "add", lines },
      };
    }
  },
});

/** What Compose makes for both of them goes away with both. */
function hasTheProxy({ composed, proxy }: Subject): boolean {
  const names = [...composed.services.values()].map(
    ({ name, container }) => container ?? defaultContainerName(composed.project, name),
  );
  return proxy !== undefined && names.includes(proxy.container);
}

function proxyNetwork({ proxy }: Subject): readonly string[] {
  return proxy?.network === undefined ? [] : [proxy.network];
}

export const labels = defineRule({
  name: "labels",
  asks: "the labels in `need`, each a name or `name=value`, `*` for any text; of services with a route, or of all",
  why: "the platform finds its apps by their labels: what has none is neither routed nor looked after",
  keys: ["labels"],
  *judge({ service, source, routed }, { need, on }) {
    if (on === "routed" && !routed) return;
    const has = Object.entries(service.labels).map(([name, value]) => ({ name, both: `${name}=${value}` }));
    const missing = need.filter((label) => !has.some(({ name, both }) => pattern(label).test(label.includes("=") ? both : name)));
    if (missing.length === 0) return;
    const some = Object.keys(service.labels).length > 0;
    const lines = missing.map(lineOf);
    yield {
      title: `${service.name} has no label ${missing.join(", ")}`,
      at: some ? source.key("labels") : source.own,
      fix: some ? { text: "add below labels", lines } : { text: "add", lines: ["labels:", ...lines.map((line) => `  ${line}`)] },
    };
  },
});

function pattern(label: string): RegExp {
  return new RegExp(
    `^${label
      .split("*")
      .map((part) => part.replaceAll(/[^\w-]/g, String.raw`\$&`))
      .join(".*")}$`,
  );
}

function lineOf(label: string): string {
  const [name = "", value = "…"] = label.split(/=(.*)/s);
  return `${name.replaceAll("*", "…")}: ${JSON.stringify(value)}`;
}
