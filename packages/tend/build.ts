import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Chunks are named by what is in them: those of a former build do no harm to one that is being run.
if (process.argv.includes("--clean")) await rm(here("dist"), { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  legalComments: "linked",
  minifySyntax: true,
  minifyWhitespace: true,
  // Some libraries are CommonJS inside and ask for `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const;

// Split, so that a verb loads no more than it uses: the cold start is what people feel.
await build({
  ...shared,
  entryPoints: [here("src/main.ts")],
  outdir: here("dist"),
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
});

// Goes to hosts by itself, where an older Node may be: one file, and nothing that Node 20 doesn't know.
await build({
  ...shared,
  banner: {},
  target: "node20",
  entryPoints: [here("src/front/main.ts")],
  outfile: here("dist/front.js"),
});
