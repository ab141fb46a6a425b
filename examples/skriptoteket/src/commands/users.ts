import { withDatabase } from "../database.ts";
import { authenticate, bootstrap, provision, ROLES, type Role } from "../users.ts";
import { type Command, options, Usage } from "./command.ts";

export const userCommands: Record<string, Command> = {
  "bootstrap-superuser": {
    summary: "add the first user: --email, --password",
    run: ({ config, args, print }) => {
      const { email, password } = options(args, ["email", "password"]);
      return withDatabase(config.databaseUrl, async (database) => {
        await bootstrap(database, email, password);
        print(`added ${email} as superuser`);
      });
    },
  },
  "provision-user": {
    summary: `add a user: --actor-email, --actor-password, --email, --password, --role ${ROLES.join("|")}`,
    run: ({ config, args, print }) => {
      const given = options(args, ["actor-email", "actor-password", "email", "password", "role"]);
      const role = asRole(given.role);
      return withDatabase(config.databaseUrl, async (database) => {
        const actor = await authenticate(database, given["actor-email"], given["actor-password"]);
        await provision(database, actor, { email: given.email, password: given.password, role });
        print(`added ${given.email} as ${role}`);
      });
    },
  },
};

function asRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (!role) throw new Usage(`--role ${text}: ${ROLES.join(", ")} are the roles`);
  return role;
}
