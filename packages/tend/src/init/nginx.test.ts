import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBlocks } from "./blocks.ts";
import { caddyRules } from "./caddy.ts";
import { nginxRules } from "./nginx.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../examples");
const config = (path: string) => readFileSync(join(EXAMPLES, path), "utf8");

describe("nginx", () => {
  test("a variable that is looked up while running, a rewrite that takes the prefix off, one path alone", () => {
    const rule = { domain: "legal.example", strips: false };
    expect(nginxRules(config("legal/nginx/conf.d/legal.conf"))).toEqual([
      { ...rule, path: "/", to: "legal-frontend", port: 3000 },
      { ...rule, path: "/api", to: "legal", port: 4000 },
      { ...rule, path: "/health", to: "legal", port: 4000 },
      { ...rule, path: "/electric", to: "legal-electric", port: 3000, strips: true },
    ]);
  });

  test("upstreams, several names, a redirect to https, quotes and comments, what a pattern matches", () => {
    const text = `
      upstream back { server web:8000 max_fails=0; keepalive 8; } # the app
      server { listen 80; server_name shop.example www.shop.example; return 301 https://$host$request_uri; }
      http { server {
        listen 443 ssl; server_name shop.example "www.shop.example";
        add_header X "a; { b";
        location / { proxy_pass http://back; }
        location ^~ /files/ { proxy_pass http://files:9000/; }
        location ~ \\.php$ { proxy_pass http://php; }
        location /static { root /srv; }
      } }`;
    expect(nginxRules(text).map(({ domain, path, to, port, strips }) => [domain, path, to, port, strips])).toEqual([
      ["shop.example", "/", "web", 8000, false],
      ["shop.example", "/files", "files", 9000, true],
      ["www.shop.example", "/", "web", 8000, false],
      ["www.shop.example", "/files", "files", 9000, true],
    ]);
  });
});

describe("Caddy", () => {
  test("a site without a name has no domain to tell", () => {
    expect(caddyRules(config("skriptoteket/infrastructure/Caddyfile"))).toEqual([]);
  });

  test("sites, matchers, handle, a prefix that is taken off, global options and snippets", () => {
    const text = `{
	email me@example.org
}
(log) {
	log
}
shop.example, https://www.shop.example:443 {
	import log
	@api path /api/* /v1/*
	reverse_proxy @api api:4000
	handle_path /files/* {
		reverse_proxy files:9000
	}
	handle {
		reverse_proxy {
			to web:3000
		}
	}
}
`;
    expect(caddyRules(text).filter(({ domain }) => domain === "shop.example")).toEqual([
      { domain: "shop.example", path: "/api", to: "api", port: 4000, strips: false },
      { domain: "shop.example", path: "/v1", to: "api", port: 4000, strips: false },
      { domain: "shop.example", path: "/files", to: "files", port: 9000, strips: true },
      { domain: "shop.example", path: "/", to: "web", port: 3000, strips: false },
    ]);
    expect(new Set(caddyRules(text).map(({ domain }) => domain))).toEqual(new Set(["shop.example", "www.shop.example"]));
  });

  test("names that its container's variables have, or a default", () => {
    const text = "{$DOMAIN} {\n\treverse_proxy {$BACKEND:web:80}\n}\n{$OTHER} {\n\treverse_proxy web:81\n}\n";
    const rule = { path: "/", to: "web", strips: false };
    expect(caddyRules(text, { DOMAIN: "https://shop.example" })).toEqual([{ ...rule, domain: "shop.example", port: 80 }]);
  });
});

test("whatever stands in a configuration, reading it ends", () => {
  const piece = fc.constantFrom(
    "server",
    "{",
    "}",
    ";",
    "\n",
    " ",
    '"',
    "'",
    "#",
    "$x",
    "location",
    "/",
    "proxy_pass",
    "http://a:1",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      const text = pieces.join("");
      for (const end of [";", "line"] as const) expect(readBlocks(text, end)).toBeInstanceOf(Array);
      nginxRules(text);
      caddyRules(text);
    }),
  );
});
