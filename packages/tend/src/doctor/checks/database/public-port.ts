import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOfContainer } from "../../owner.ts";

const DATABASES: Readonly<Record<string, string>> = {
  "1433/tcp": "SQL Server",
  "3306/tcp": "MySQL",
  "5432/tcp": "PostgreSQL",
  "5984/tcp": "CouchDB",
  "6379/tcp": "Redis",
  "8086/tcp": "InfluxDB",
  "9042/tcp": "Cassandra",
  "9200/tcp": "Elasticsearch",
  "11211/tcp": "memcached",
  "27017/tcp": "MongoDB",
};
const EVERYWHERE = ["0.0.0.0", "::", ""];

export const publicPort = defineCheck({
  id: "db.port.public",
  severity: "error",
  finds: "a database whose port is open to every network that the host is in",
  about:
    "What Docker publishes goes past ufw and firewalld: its own rules come first. Such ports are found by scanners within minutes. Other containers don't need it: they reach the database by its name.",
  remedy: "Remove the port from the compose file, or bind it: `127.0.0.1:5432:5432`. Then recreate the service.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const container of containers) {
      const ports = container.published.filter(({ inside }) => inside in DATABASES);
      if (ports.length === 0) continue;
      const subject = subjectOfContainer(scene, container);
      const open = ports.filter(({ address }) => EVERYWHERE.includes(address));
      const [first] = open;
      if (!first) {
        yield pass(subject);
        continue;
      }
      const [inside] = first.inside.split("/") as [string];
      yield fail(subject, {
        title: `${container.name} publishes ${DATABASES[first.inside]} on port ${first.port} of every address of ${scene.host.name}`,
        evidence: open.map(
          ({ address, port, inside: to }) => `${address.includes(":") ? `[${address}]` : address || "*"}:${port} → ${to}`,
        ),
        cause: "a firewall such as ufw doesn't see it: Docker's own rules come first",
        fix: {
          class: "person",
          text: `take the port out of the compose file, or write "127.0.0.1:${first.port}:${inside}"; then recreate it`,
        },
      });
    }
  },
});
