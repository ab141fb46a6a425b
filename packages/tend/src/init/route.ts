/** A rule of a proxy: what is asked for, and who answers. */
export interface Rule {
  readonly domain: string;
  readonly path: string;
  /** A host name, as the proxy calls the service. */
  readonly to: string;
  readonly port?: number;
  /** The proxy takes the path's prefix off before it hands the request on. */
  readonly strips: boolean;
}

/** `http://web:3000/` or `web:3000`, taken apart. */
export function upstreamOf(text: string): { readonly host: string; readonly port?: number; readonly path?: string } | undefined {
  const [, scheme, host, port, path] =
    /^(?:(https?|h2c):\/\/)?([A-Za-z0-9_$][A-Za-z0-9_.$-]*)(?::(\d{1,5}))?(\/\S*)?$/.exec(text) ?? [];
  if (host === undefined) return undefined;
  return {
    host,
    port: port === undefined ? (scheme === undefined ? undefined : scheme === "https" ? 443 : 80) : Number(port),
    path,
  };
}
