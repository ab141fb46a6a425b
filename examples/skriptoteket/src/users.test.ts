import { expect, test } from "vitest";
import type { Database, Value } from "./database.ts";
import { type Actor, authenticate, bootstrap, provision, type Role } from "./users.ts";

/** A table of users, as far as these statements need one. */
function database(): Database {
  const users: { id: string; email: string; password_hash: string; role: string }[] = [];
  const query = async <Row>(text: string, values: readonly Value[] = []): Promise<Row[]> => {
    const [email, password_hash, role] = values.map(String) as [string, string, string];
    const same = users.filter((user) => user.email.toLowerCase() === email?.toLowerCase());
    if (text.startsWith("INSERT")) {
      if (same.length > 0) return [];
      users.push({ id: String(users.length + 1), email, password_hash, role });
      return users.slice(-1) as Row[];
    }
    if (text.includes("role = 'superuser'")) return users.filter((user) => user.role === "superuser") as Row[];
    return same as Row[];
  };
  const self: Database = { query, script: async () => undefined, transaction: (work) => work(self), end: async () => undefined };
  return self;
}

const actor = (role: Role): Actor => ({ id: "1", role });
const user = (role: Role, email = "new@mail.example") => ({ email, password: "long enough", role });

test("the first superuser is bootstrapped, once, and can then be the actor", async () => {
  const tables = database();
  await bootstrap(tables, "Anna@mail.example", "correct horse");
  expect(await authenticate(tables, "anna@mail.example", "correct horse")).toEqual({ id: "1", role: "superuser" });
  await expect(bootstrap(tables, "eve@mail.example", "correct horse")).rejects.toThrow("a superuser already: Anna@mail.example");
});

test("a wrong password and an unknown address are refused in the same words", async () => {
  const tables = database();
  await bootstrap(tables, "anna@mail.example", "correct horse");
  for (const [email, password] of [
    ["anna@mail.example", "wrong horse"],
    ["nobody@mail.example", "correct horse"],
  ] as const) {
    await expect(authenticate(tables, email, password)).rejects.toThrow("the actor's email or password is wrong");
  }
});

test("who may add whom", async () => {
  for (const role of ["user", "contributor"] as const) {
    await expect(provision(database(), actor(role), user("user"))).rejects.toThrow("only an admin");
  }
  await expect(provision(database(), actor("admin"), user("admin"))).rejects.toThrow("may not give the role admin");
  await provision(database(), actor("admin"), user("contributor"));
  await provision(database(), actor("superuser"), user("superuser"));
});

test("an address is taken once, whatever its case; a password is not short", async () => {
  const tables = database();
  await provision(tables, actor("admin"), user("user"));
  await expect(provision(tables, actor("admin"), user("user", "NEW@mail.example"))).rejects.toThrow("already");
  await expect(provision(tables, actor("admin"), { ...user("user", "x@y.example"), password: "short" })).rejects.toThrow(
    "8 characters",
  );
  await expect(provision(tables, actor("admin"), user("user", "nobody"))).rejects.toThrow("not an email address");
});
