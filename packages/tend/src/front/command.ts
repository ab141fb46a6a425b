import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** This program where tend itself runs: beside this module in the sources, beside the bundle once it is built. */
export function frontCommand(): readonly [node: string, program: string] {
  const source = new URL("./main.ts", import.meta.url);
  return [process.execPath, import.meta.url.endsWith(".ts") ? fileURLToPath(source) : (bundle() ?? "front.js")];
}

/** This program as one file, for a host that tend reaches by ssh. Undefined when tend has not been built. */
export function frontBundle(): { readonly name: string; readonly text: string } | undefined {
  const path = bundle();
  if (!path) return undefined;
  const text = readFileSync(path, "utf8");
  return { name: `front-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.mjs`, text };
}

function bundle(): string | undefined {
  const places = ["./front.js", "../front.js", "../../dist/front.js"].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(place));
}
