import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../model/failure.ts";
import { ERRORS } from "./errors.ts";

const source = join(import.meta.dirname, "..");
const files = globSync("**/*.ts", { cwd: source }).filter(
  (file) => !file.endsWith(".test.ts") && !file.startsWith("reference/") && !file.startsWith("doctor/checks/"),
);
const text = files.map((file) => readFileSync(join(source, file), "utf8")).join("\n");

/** The ids of doctor's checks are a catalogue of their own. An id has a topic and a dot, which no step's id has; the two without one are `usage` and `config`. */
const reported = new Set(
  [...text.matchAll(/"([a-z]+\.[a-z-]+)"/g)]
    .map(([, id]) => id as string)
    .filter((id) => !/^(run|step|segment|undo)\.(start|end)$/.test(id)),
);

test("the catalogue has every id that the source reports", () => {
  const ids = [...text.matchAll(/\bid: (?:known\.id \?\? )?"([a-z]+\.[a-z-]+)"/g)].map(([, id]) => id as string);
  expect(ids.filter((id) => !ERRORS[id])).toEqual([]);
});

test("and none that nothing reports any more", () => {
  expect(Object.keys(ERRORS).filter((id) => id.includes(".") && !reported.has(id))).toEqual([]);
});

test("each ends with an exit code that there is", () => {
  for (const { exit } of Object.values(ERRORS)) expect(EXIT).toHaveProperty(exit);
});
