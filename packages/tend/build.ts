import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  legalComments: "linked",
  minifySyntax: true,
  minifyWhitespace: true,
  // Some libraries are CommonJS inside and ask for `require`.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
} as const;

// Split, so that a verb loads no more than it uses: the cold start is what people feel.
await build({ ...shared, entryPoints: [here("src/main.ts")], outdir: here("dist"), splitting: true, chunkNames: "chunks/[name]-[hash]" });
