import fc from "fast-check";
import { expect, test } from "vitest";
import { addressInVariables, addressOf, takeApart } from "./address.ts";

const read = (value: string) => {
  const pieces = takeApart(value);
  return pieces && addressOf(pieces);
};

test.each([
  ["postgresql://web:pw@db:5432/shop", { kind: "postgres", host: "db", database: "shop", user: "web" }],
  ["postgresql+asyncpg://web:p%40w@db/shop?sslmode=disable", { kind: "postgres", host: "db", database: "shop", user: "web" }],
  ["postgres://web:p@ss@w0rd@db/shop", { kind: "postgres", host: "db", database: "shop", user: "web" }],
  ["jdbc:postgresql://db/shop?user=web&password=pw", { kind: "postgres", host: "db", database: "shop" }],
  ["postgres://db", { kind: "postgres", host: "db" }],
  ["sqlite:////data/app.db", { kind: "sqlite", path: "/data/app.db" }],
  ["sqlite+aiosqlite:////data/app.db", { kind: "sqlite", path: "/data/app.db" }],
  ["file:/data/app.db?mode=rwc", { kind: "sqlite", path: "/data/app.db" }],
  ["sqlite:///relative.db", { kind: "sqlite", path: "/relative.db" }],
  ["postgres://web:p?w@db/shop", undefined],
  ["sqlite://:memory:", undefined],
  ["https://web:pw@elsewhere.example/x", undefined],
  ["mysql://web:pw@db/shop", undefined],
  ["nothing of the kind", undefined],
])("%s", (value, address) => {
  expect(read(value)).toEqual(address);
});

test("whatever stands between the user and the last @ is gone", () => {
  const secret = fc
    .stringMatching(/^[A-Za-z0-9!$&*+,;=%:/.~?@#-]{6,30}$/)
    .map((text) => `canary${text.replaceAll(/[?@:/]/g, (mark) => `${mark}canary`)}canary`);
  fc.assert(
    fc.property(secret, fc.constantFrom("postgres", "postgresql+psycopg2", "ecto"), (password, scheme) => {
      expect(JSON.stringify(takeApart(`${scheme}://web:${password}@db:5432/shop`)) ?? "").not.toContain("canary");
      expect(JSON.stringify(takeApart(`${scheme}://web:pw@db/shop?password=${password}`)) ?? "").not.toContain("canary");
    }),
  );
});

test("variables of their own say the same", () => {
  expect(addressInVariables({ DB_HOST: "db:5432", DB_NAME: "shop", DB_USER: "web" })).toEqual({
    kind: "postgres",
    host: "db",
    database: "shop",
    user: "web",
  });
  expect(addressInVariables({ POSTGRES_DB: "shop" })).toBeUndefined();
});
