import { expect, test } from "vitest";
import { options, Usage } from "./command.ts";

test("options are read by name, flags are false when they are not given", () => {
  const given = options(["--email", "a@b.example", "--dry-run"], ["email"], ["dry-run", "sync-code"]);
  expect(given).toEqual({ email: "a@b.example", "dry-run": true, "sync-code": false });
});

test("what is missing, unknown or without a value is a usage error", () => {
  expect(() => options([], ["email"])).toThrow(new Usage("--email is missing"));
  for (const args of [["--mail", "x"], ["stray"], ["--email"]]) expect(() => options(args, ["email"])).toThrow(Usage);
});
