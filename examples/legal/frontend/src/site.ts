import { readFileSync } from "node:fs";

export interface Page {
  readonly type: string;
  readonly body: Buffer;
}

/** The site is these files and no others: a path in a request never becomes a path on the disk. */
const FILES: Readonly<Record<string, { file: string; type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/app.css": { file: "app.css", type: "text/css" },
  "/app.js": { file: "app.js", type: "text/javascript" },
};

export function readSite(folder: URL, version: string): ReadonlyMap<string, Page> {
  return new Map(
    Object.entries(FILES).map(([path, { file, type }]) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      return [path, { type, body: Buffer.from(text.replaceAll("%VERSION%", version.replace(/[^\w.+-]/g, ""))) }];
    }),
  );
}
