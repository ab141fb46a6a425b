import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { Database } from "./database.ts";

export const ROLES = ["user", "contributor", "admin", "superuser"] as const;
export type Role = (typeof ROLES)[number];

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
}

export interface Actor {
  readonly id: string;
  readonly role: Role;
}

/** The first user, made by whoever has the server; all others are made by a user. */
export async function bootstrap(database: Database, email: string, password: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("LOCK TABLE users IN EXCLUSIVE MODE");
    const [superuser] = await tx.query<{ email: string }>("SELECT email FROM users WHERE role = 'superuser' LIMIT 1");
    if (superuser) throw new Error(`there is a superuser already: ${superuser.email}`);
    await insert(tx, { email, password, role: "superuser" });
  });
}

export async function provision(database: Database, actor: Actor, user: NewUser): Promise<void> {
  const rank = ROLES.indexOf(actor.role);
  if (rank < ROLES.indexOf("admin")) throw new Error("only an admin or a superuser may add users");
  if (ROLES.indexOf(user.role) >= rank && actor.role !== "superuser")
    throw new Error(`an ${actor.role} may not give the role ${user.role}`);
  await insert(database, user);
}

/** Says no more than that it was wrong: not whether there is such a user. */
export async function authenticate(database: Database, email: string, password: string): Promise<Actor> {
  const [found] = await database.query<Actor & { password_hash: string }>(
    "SELECT id::text, role, password_hash FROM users WHERE lower(email) = lower($1)",
    [email],
  );
  if (!found || !matches(password, found.password_hash)) throw new Error("the actor's email or password is wrong");
  return { id: found.id, role: found.role };
}

async function insert(database: Database, { email, password, role }: NewUser): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error(`${email} is not an email address`);
  if (password.length < 8) throw new Error("a password has at least 8 characters");
  const added = await database.query(
    "INSERT INTO users (email, password_hash, role) VALUES ($1, $2, $3) ON CONFLICT (lower(email)) DO NOTHING RETURNING id",
    [email, hash(password), role],
  );
  if (added.length === 0) throw new Error(`there is a user ${email} already`);
}

function hash(password: string, salt = randomBytes(16)): string {
  return `${salt.toString("hex")}:${scryptSync(password, salt, 32).toString("hex")}`;
}

function matches(password: string, stored: string): boolean {
  const [salt = ""] = stored.split(":");
  return timingSafeEqual(Buffer.from(hash(password, Buffer.from(salt, "hex"))), Buffer.from(stored));
}
