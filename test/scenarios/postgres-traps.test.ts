import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshHost, lab, labHostOfThisWorker, run } from "../lab/lab.ts";

/** What makes it worth having a tool: each is walked into by hand here; docs/traps.md says what tend does instead. */
describe("traps of PostgreSQL's own tools, walked into by hand", () => {
  const host = labHostOfThisWorker();
  const sh = (script: string) => run(["ssh", "-F", lab().sshConfig, host, `set -u; ${script}`]);
  const psql = (sql: string, database = "app", container = "pg17") =>
    sh(`docker exec -i ${container} psql -XAtq -v ON_ERROR_STOP=1 -U postgres -d ${database} <<'END'\n${sql}\nEND`);
  const ask = async (sql: string, database = "app", container = "pg17") => {
    const answer = await psql(sql, database, container);
    expect(answer.exit, answer.stderr).toBe(0);
    return answer.stdout.trim();
  };
  const fresh = async (database: string, container = "pg17") => {
    await ask(`drop database if exists ${database}`, "postgres", container);
    await ask(`create database ${database} template template0`, "postgres", container);
  };

  beforeAll(async () => {
    await freshHost(host);
    const started = await sh(`for version in 15 17; do
  docker run -d --quiet --name pg$version -e POSTGRES_PASSWORD=x postgres:$version -c wal_level=logical >/dev/null || exit 1
done
for version in 15 17; do until docker exec pg$version pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.2; done; done`);
    expect(started.exit, started.stderr).toBe(0);
    for (const container of ["pg15", "pg17"]) {
      await fresh("app", container);
      await ask(SCHEMA, "app", container);
    }
    expect((await sh("docker exec pg17 pg_dump -U postgres -Fc app >/root/app.dump")).exit).toBe(0);
  }, 120_000);

  afterAll(() => freshHost(host), 60_000);

  it("a client that is newer than the server ends with 1, and has loaded the data all the same", async () => {
    await fresh("newer", "pg15");
    const done = await sh(
      "docker exec -i pg17 pg_restore -f - </root/app.dump >/root/newer.sql; docker exec -i pg15 psql -XAtq -U postgres -d newer </root/newer.sql",
    );
    expect(done.stderr).toMatch(/transaction_timeout|restrict/);
    expect(await ask("select count(*) from item", "newer", "pg15")).toBe("100");
  });

  it("a client that is older can't read a newer server, nor its archive, and leaves an empty file", async () => {
    const address = (await sh("docker container inspect --format '{{.NetworkSettings.IPAddress}}' pg17")).stdout.trim();
    const dumped = await sh(
      `docker exec -e PGPASSWORD=x pg15 pg_dump -h ${address} -U postgres -Fc app >/root/older.dump; echo "exit $?"; wc -c </root/older.dump`,
    );
    expect(dumped.stdout).toMatch(/exit 1\n0\n/);
    expect(dumped.stderr).toContain("aborting because of server version mismatch");
    const read = await sh("docker exec -i pg15 pg_restore --list </root/app.dump");
    expect(read.exit).toBe(1);
    expect(read.stderr).toContain("unsupported version");
  });

  it("a plain dump begins with \\restrict, which an older psql doesn't know", async () => {
    const plain = await sh("docker exec pg17 pg_dump -U postgres app | head -n 8");
    expect(plain.stdout).toMatch(/^\\restrict \w+$/m);
  });

  it("through a terminal, every LF becomes CRLF, and pg_restore ends with 0 or says nonsense: nothing is restored", async () => {
    await sh("script -qec 'docker exec -t pg17 pg_dump -U postgres -Fc app' /dev/null </dev/null >/root/tty.dump 2>/dev/null");
    await fresh("tty");
    await sh("docker exec -i pg17 pg_restore -U postgres -d tty </root/tty.dump");
    expect(await ask("select count(*) from pg_tables where schemaname = 'public'", "tty")).toBe("0");
  });

  it("a dump that was cut off has a table of contents as good as new", async () => {
    const cut = await sh(
      "size=$(wc -c </root/app.dump); head -c $(( size * 9 / 10 )) /root/app.dump >/root/cut.dump; docker exec -i pg17 pg_restore --list </root/cut.dump >/dev/null; echo $?",
    );
    expect(cut.stdout.trim()).toBe("0");
    expect((await sh("docker exec -i pg17 pg_restore -f /dev/null </root/cut.dump")).exit).toBe(1);
  });

  it("roles aren't in a dump: what belonged to one is the superuser's afterwards", async () => {
    await fresh("roles", "pg15");
    const sql = await sh(
      "docker exec pg15 pg_dump -U postgres -Fc app >/root/15.dump; docker exec pg17 psql -XAtq -U postgres -c 'drop database if exists roles' -c 'create database roles'",
    );
    expect(sql.exit, sql.stderr).toBe(0);
    await ask("drop owned by clerk; drop role clerk", "app");
    const restored = await sh("docker exec -i pg17 pg_restore -U postgres -d roles </root/15.dump");
    expect([restored.exit, restored.stderr]).toEqual([1, expect.stringContaining('role "clerk" does not exist')]);
    expect(await ask("select tableowner from pg_tables where tablename = 'ledger'", "roles")).toBe("postgres");
    await ask("create role clerk; create table ledger (id int); alter table ledger owner to clerk", "app");
  });

  it("settings and CONNECT grants of a database are lost with a new one", async () => {
    await ask("alter database app set work_mem = '9MB'; revoke connect on database app from public", "postgres");
    await sh("docker exec pg17 pg_dump -U postgres -Fc app >/root/set.dump");
    await fresh("settings");
    await sh("docker exec -i pg17 pg_restore -U postgres -d settings </root/set.dump");
    expect(await ask("show work_mem", "settings")).toBe("4MB");
    expect(await ask("select datacl is null from pg_database where datname = 'settings'", "postgres")).toBe("t");
  });

  it("--clean over what has changed ends with 1, and rows are there twice", async () => {
    await fresh("clean");
    await sh("docker exec -i pg17 pg_restore -U postgres -d clean </root/app.dump");
    await ask("create view needs_log as select * from log", "clean");
    const over = await sh("docker exec -i pg17 pg_restore -U postgres -d clean --clean --if-exists </root/app.dump");
    expect(over.exit).toBe(1);
    expect(await ask("select count(*) from log", "clean")).toBe("200");
  });

  it("rows alone, with foreign keys: none are there, and the sequences have moved", async () => {
    await fresh("rows");
    await sh("docker exec -i pg17 pg_restore -U postgres -d rows --schema-only </root/app.dump");
    const loaded = await sh("docker exec -i pg17 pg_restore -U postgres -d rows --data-only </root/app.dump");
    expect(loaded.stderr).toContain("violates foreign key constraint");
    expect(await ask("select count(*) from child", "rows")).toBe("0");
    expect(await ask("select last_value from child_id_seq", "rows")).toBe("50");
  });

  it("into a schema that has drifted, pg_restore ends with 0", async () => {
    await fresh("drift");
    await sh("docker exec -i pg17 pg_restore -U postgres -d drift --schema-only </root/app.dump");
    await ask("alter table item add column extra text default 'drifted'; drop trigger touch on item", "drift");
    const loaded = await sh(
      "docker exec -i pg17 pg_restore -U postgres -d drift --data-only --disable-triggers --single-transaction </root/app.dump",
    );
    expect(loaded.exit, loaded.stderr).toBe(0);
    expect(await ask("select count(*) from item where extra = 'drifted'", "drift")).toBe("100");
  });

  it("a table restored by itself leaves its sequence at 1", async () => {
    await fresh("one");
    await sh(
      "docker exec -i pg17 pg_restore -U postgres -d one --schema-only </root/app.dump; docker exec -i pg17 pg_restore -U postgres -d one --data-only -t item </root/app.dump",
    );
    expect(await ask("select (select max(id) from item), (select last_value from item_id_seq)", "one")).toBe("100|1");
  });

  it("a logical slot in use keeps its database from being renamed or dropped, WITH (FORCE) too, and stays with the old one", async () => {
    await fresh("slotted");
    await ask("select pg_create_logical_replication_slot('reader', 'pgoutput')", "slotted");
    await sh(
      "docker exec -d pg17 pg_recvlogical -U postgres -d slotted --slot reader --start -o proto_version=1 -o publication_names=none -f /dev/null; sleep 1",
    );
    for (const statement of ["alter database slotted rename to moved", "drop database slotted with (force)"]) {
      const refused = await psql(statement, "postgres");
      expect([refused.exit, refused.stderr]).toEqual([
        3,
        expect.stringMatching(/active logical replication slot|being accessed by other users/),
      ]);
    }
    await ask("select pg_terminate_backend(active_pid) from pg_replication_slots where active", "postgres");
    await sh("sleep 1");
    await ask(
      "select pg_terminate_backend(active_pid) from pg_replication_slots where active; select pg_sleep(0.5); alter database slotted rename to moved",
      "postgres",
    );
    expect(await ask("select database from pg_replication_slots", "postgres")).toBe("moved");
    await ask("select pg_drop_replication_slot('reader')", "postgres");
  });

  it("a database that somebody is connected to can't be renamed", async () => {
    await sh("docker exec -d pg17 psql -U postgres -d app -c 'select pg_sleep(20)'; sleep 0.5");
    const refused = await psql("alter database app rename to away", "postgres");
    expect([refused.exit, refused.stderr]).toEqual([3, expect.stringContaining("being accessed by other users")]);
  });

  it("a stranger among the children of PostgreSQL's PID 1 is killed: the whole server starts anew", async () => {
    await sh("docker exec -d pg15 sh -c 'sleep 300 & kill -9 $$'; sleep 1");
    const orphan = `for one in /proc/[0-9]*; do [ "$(cat $one/comm 2>/dev/null)" != sleep ] || kill -9 "$(basename $one)"; done`;
    await sh(`docker exec pg15 sh -c '${orphan}'; sleep 1`);
    expect((await sh("docker logs pg15 2>&1 | tail -n 20")).stdout).toContain("terminating any other active server processes");
  });

  it("psql ends with 0 amid errors", async () => {
    const done = await sh("printf 'select 1/0;\\nselect 2;\\n' | docker exec -i pg17 psql -XAtq -U postgres");
    expect([done.exit, done.stdout]).toEqual([0, "2\n"]);
  });
});

const SCHEMA = `
create role clerk;
create table item (id serial primary key, name text not null);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before insert on item for each row execute function touch();
insert into item (name) select 'item ' || n from generate_series(1, 100) n;
create table log (at int);
insert into log select generate_series(1, 100);
create table parent (id int primary key);
create table child (id serial primary key, parent int not null references parent);
insert into parent select generate_series(1, 50);
insert into child (parent) select generate_series(1, 50);
create table ledger (id int);
alter table ledger owner to clerk;`;
