import type { IncomingMessage } from "node:http";
import type { Month } from "./ledger.ts";

/**
 * The address that the visitor sees. Without the proxy's headers the page would link to http://, or to the container's
 * own name, and the browser would refuse the stylesheet.
 */
export function publicBase(request: Pick<IncomingMessage, "headers">): string {
  const { "x-forwarded-proto": proto, "x-forwarded-host": forwardedHost, host } = request.headers;
  const name = typeof forwardedHost === "string" ? forwardedHost : host;
  // It ends up in the page, and whoever asks can send anything.
  const safe = name && /^[\w.-]+(:\d{1,5})?$/.test(name) ? name : "localhost";
  return `${proto === "https" ? "https" : "http"}://${safe}`;
}

export function frontPage(base: string, version: string, months: readonly Month[]): string {
  const rows = months.map(
    ({ year_month, state }) => `<tr><td><a href="${base}/months/${year_month}">${year_month}</a></td><td>${state}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Quartermaster</title>
<link rel="stylesheet" href="${base}/static/app.css">
</head>
<body>
<h1>Quartermaster</h1>
<table>${rows.join("\n") || "<tr><td>No month has been opened yet.</td></tr>"}</table>
<footer>Release ${version.replace(/[^\w.+-]/g, "")}</footer>
</body>
</html>
`;
}
