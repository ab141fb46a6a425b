import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";

const root = join(import.meta.dirname, "../../../..");
const documents = ["*.md", "docs/**/*.md", "examples/*/*.md", "lab/*.md", "packages/*/*.md"].flatMap((pattern) =>
  globSync(pattern, { cwd: root }),
);

describe.each(documents)("%s", (path) => {
  const text = readFileSync(join(root, path), "utf8");

  test("every link leads to a file, and to a heading in it", () => {
    expect(linksOf(text).filter((link) => !leadsSomewhere(path, link))).toEqual([]);
  });

  test("every whole declaration is right", () => {
    const whole = [...text.matchAll(/^```yaml.*\n(fleet:[\s\S]*?)^```$/gm)].map(([, yaml]) => yaml as string);
    for (const yaml of whole) expect(() => parseFleet(yaml, join(root, "tend.yaml"), undefined, path)).not.toThrow();
  });
});

function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
    .map(([, inline, html]) => inline ?? html ?? "")
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = "", heading] = link.split("#");
  const target = file === "" ? join(root, from) : join(root, dirname(from), file);
  if (!existsSync(target)) return false;
  return heading === undefined || headingsOf(readFileSync(target, "utf8")).includes(heading);
}

/** As forges make anchors of headings. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
