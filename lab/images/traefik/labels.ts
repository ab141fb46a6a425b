// `traefik.…` labels of one container, sorted into what they configure. Keys know no case, values do.
export interface Labels {
  enable: boolean | undefined;
  network: string | undefined;
  routers: Map<string, Record<string, string>>;
  services: Map<string, Record<string, string>>;
}

export function readLabels(labels: Record<string, string>): Labels {
  const result: Labels = { enable: undefined, network: undefined, routers: new Map(), services: new Map() };
  for (const [label, value] of Object.entries(labels)) {
    const key = label.toLowerCase();
    if (key === "traefik.enable") result.enable = value.toLowerCase() === "true";
    if (key === "traefik.docker.network") result.network = value;
    const [, kind, name, option] = /^traefik\.http\.(routers|services)\.([^.]+)\.(.+)$/.exec(key) ?? [];
    if (kind === undefined || name === undefined || option === undefined) continue;
    const things = kind === "routers" ? result.routers : result.services;
    const short = option.replace(/^loadbalancer\.server\.(?=port$|scheme$)/, "");
    things.set(name, { ...things.get(name), [short]: value });
  }
  return result;
}
