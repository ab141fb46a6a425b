// Traefik's command line, as far as routing by containers needs it. Everything else is accepted and does nothing here.
export interface Settings {
  endpoint: string;
  exposedByDefault: boolean;
  network: string | undefined;
  defaultRule: string;
  entryPoints: { name: string; port: number }[];
  throttle: number;
  api: boolean;
  ping: boolean;
}

export function readArguments(args: string[]): Settings {
  const given = new Map<string, string>();
  for (const arg of args) {
    const [, key, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (key !== undefined) given.set(key.toLowerCase(), value ?? "true");
  }
  const entryPoints = [...given].flatMap(([key, value]) => {
    const name = /^entrypoints\.([^.]+)\.address$/.exec(key)?.[1];
    const port = Number(/:(\d+)(?:\/tcp)?$/.exec(value)?.[1]);
    return name === undefined || Number.isNaN(port) ? [] : [{ name, port }];
  });
  return {
    endpoint: (given.get("providers.docker.endpoint") ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, ""),
    exposedByDefault: given.get("providers.docker.exposedbydefault") !== "false",
    network: given.get("providers.docker.network"),
    defaultRule: given.get("providers.docker.defaultrule") ?? "Host(`{{ normalize .Name }}`)",
    entryPoints: entryPoints.length > 0 ? entryPoints : [{ name: "http", port: 80 }],
    throttle: milliseconds(given.get("providers.providersthrottleduration") ?? "2s"),
    api: given.get("api.insecure") === "true",
    ping: given.get("ping") === "true",
  };
}

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  return Number(amount ?? 2) * (unit === "ms" ? 1 : unit === "m" ? 60_000 : 1000);
}
