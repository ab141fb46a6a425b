import type { Container } from "./names.ts";

/** Who renews the certificates that a proxy serves. */
export type Renewal =
  /** The companion of nginx-proxy: it watches containers for LETSENCRYPT_HOST. */
  | { readonly by: "acme-companion"; readonly container: Container }
  | Certbot
  | { readonly by: "caddy" }
  /** `storage` is the file in Traefik's container that it keeps its certificates in. */
  | { readonly by: "traefik"; readonly storage: string };

export interface Certbot {
  readonly by: "certbot";
  /** The folder that the challenge's files are put into; without it, certbot listens on port 80 by itself while the proxy is stopped. */
  readonly webroot?: string;
  /** How certbot is called: `sudo certbot`, `docker compose run --rm certbot`. */
  readonly run: readonly string[];
  /** The folder on the host where it is called. */
  readonly in?: string;
}
