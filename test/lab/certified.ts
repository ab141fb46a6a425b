import { join } from "node:path";
import { on, quoted } from "./lab.ts";
import { running, type Skriptoteket } from "./skriptoteket.ts";

/** The domains that the host's nginx answers by TLS: the app's, and another that nobody declared. */
export const DOMAIN = "skriptoteket.example";
export const OTHER = "other.example";

export interface Certified extends Skriptoteket {
  /** Makes the proxy's files anew: `make` is shell, run in the folder that the container has as /etc/tls, with `issue` at hand. */
  files(make: string): Promise<void>;
  reload(): Promise<void>;
}

/** Where certificates of the test's own authority are made; `issue NAME FILE FROM UNTIL [CHAIN]` with times as `date` takes them. */
const ISSUE = `issue() { # name, file, from, until
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$2.key" -out "$2.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s' "$1" >"$2.ext"
  openssl x509 -req -in "$2.csr" -CA sub.crt -CAkey sub.key -extfile "$2.ext" -out "$2.leaf" -not_before "$(date -u -d "$3" +%Y%m%d%H%M%SZ)" -not_after "$(date -u -d "$4" +%Y%m%d%H%M%SZ)" 2>/dev/null
  cat "$2.leaf" sub.crt >"$2.crt"
}
`;

const AUTHORITY = `set -e
rm -rf ~/tls && mkdir -p ~/tls && cd ~/tls
authority() { # file, subject, more
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'basicConstraints=critical,CA:true\\nkeyUsage=critical,keyCertSign,cRLSign' >"$1.ext"
  shift 2; openssl x509 -req -days 900 "$@" 2>/dev/null
}
authority ca "/CN=The lab's authority" -in ca.csr -key ca.key -extfile ca.ext -out ca.crt
authority sub "/CN=The lab's intermediate" -in sub.csr -CA ca.crt -CAkey ca.key -extfile sub.ext -out sub.crt
${ISSUE}
issue ${DOMAIN} site '-10 days' '+80 days'
issue ${OTHER} other '-10 days' '+80 days'
cat ca.crt`;

/** What plain nginx gets besides the example's own configuration. */
const TLS_CONF = `
server { listen 443 ssl default_server; server_name ${OTHER}; ssl_certificate /etc/tls/other.crt; ssl_certificate_key /etc/tls/other.key; }
server {
    listen 443 ssl;
    server_name ${DOMAIN};
    ssl_certificate /etc/tls/site.crt;
    ssl_certificate_key /etc/tls/site.key;
    location / {
        proxy_pass http://skriptoteket-web:8000;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Proto $scheme;
    }
}
`;

/** The example's port 80, with the folder of the challenges in front of it. */
const CHALLENGES = `location ^~ /.well-known/acme-challenge/ { root /var/www/challenges; }`;

const COMPOSE = `services:
  nginx:
    ports: ["443:443"]
    volumes: ["~/tls:/etc/tls:ro", "/etc/letsencrypt:/etc/letsencrypt:ro", "/var/www/challenges:/var/www/challenges:ro"]
`;

/**
 * The home server behind plain nginx with TLS, by certificates of an authority that is made here; tend trusts it by
 * NODE_EXTRA_CA_CERTS. The proxy is declared at its own address, since its name is in no DNS.
 */
export async function certified(host: string, tls?: string): Promise<Certified> {
  const app = await running(host, "nginx");
  const authority = await on(host, AUTHORITY);
  await trust(app, authority);
  await on(
    host,
    `set -e
cd ~/infrastructure && cat >compose.tls.yaml && mkdir -p /etc/letsencrypt /var/www/challenges
sed -i 's#^    location / {#    ${CHALLENGES}\\n&#' nginx/conf.d/*.conf
printf %s ${quoted(TLS_CONF)} >nginx/conf.d/tls.conf
docker compose -f compose.postgres.yaml -f compose.nginx.yaml -f compose.tls.yaml up -d --wait --quiet-pull 2>&1`,
    COMPOSE,
  );
  await declare(app, tls);
  return {
    ...app,
    files: (make) => on(host, `set -e; cd ~/tls; ${ISSUE}\n${make}`).then(() => undefined),
    reload: () => on(host, "docker exec nginx nginx -s reload 2>&1; sleep 0.3").then(() => undefined),
  };
}

/** The proxy as it answers: by TLS, at its own address; `tls` is what the declaration says of renewals. */
export async function declare(app: Skriptoteket, tls?: string, kind = "nginx"): Promise<void> {
  await app.workshop.declareSkriptoteket(app.address, "nginx", ["hemma"]);
  await app.workshop.edit("tend.yaml", (yaml) =>
    yaml.replace("kind: nginx,", `kind: ${kind},`).replace('url: "http://', `${tls ? `tls: ${tls}, ` : ""}url: "https://`),
  );
}

/** A small real ACME server on the host, which certbot there takes for the only one; answers the root of what it issues. */
export async function authority(host: string, address: string): Promise<string> {
  return on(
    host,
    `set -e
apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends pebble certbot >/dev/null 2>&1
mkdir -p /srv/pebble /etc/letsencrypt && cd /srv/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out ca.pem -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 2>/dev/null
cat >pebble.json
nohup pebble-challtestsrv -defaultIPv4 ${address} -defaultIPv6 "" -dns01 127.0.0.1:8053 -http01 "" -https01 "" -tlsalpn01 "" -management 127.0.0.1:8055 >dns.log 2>&1 </dev/null &
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 nohup pebble -config pebble.json -dnsserver 127.0.0.1:8053 >pebble.log 2>&1 </dev/null &
for _ in $(seq 100); do curl -sf --cacert ca.pem https://127.0.0.1:14000/dir >/dev/null && break; sleep 0.1; done
printf '%s\n' 'server = https://127.0.0.1:14000/dir' 'no-verify-ssl = true' 'agree-tos = true' 'email = anna@example.org' >/etc/letsencrypt/cli.ini
curl -sf --cacert ca.pem https://127.0.0.1:15000/roots/0`,
    JSON.stringify({
      pebble: {
        listenAddress: "127.0.0.1:14000",
        managementListenAddress: "127.0.0.1:15000",
        certificate: "ca.pem",
        privateKey: "key.pem",
        httpPort: 80,
        tlsPort: 443,
        ocspResponderURL: "",
        externalAccountBindingRequired: false,
        certificateValidityPeriod: 90 * 86_400,
      },
    }),
  );
}

/** What tend trusts from now on, besides what Node and this machine do. */
export async function trust(app: Skriptoteket, authority: string): Promise<void> {
  await app.workshop.write("authority.crt", authority);
  app.workshop.env["NODE_EXTRA_CA_CERTS"] = join(app.workshop.folder, "authority.crt");
}
