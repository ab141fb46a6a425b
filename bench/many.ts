import { freshHost, lab, labHostOfThisWorker, on } from "../test/lab/lab.ts";
import { Workshop } from "../test/lab/workshop.ts";

const CONTAINERS = 50;

/** A workshop whose fleet is one host with many containers, called `many`; the host is as new before and after. */
export async function withMany<T>(use: (workshop: Workshop) => Promise<T>): Promise<T> {
  const host = labHostOfThisWorker();
  await freshHost(host);
  const workshop = await Workshop.open();
  try {
    await workshop.sshAliases({ many: lab().hosts.find((one) => one.name === host)?.address as string });
    const services = Array.from(
      { length: CONTAINERS },
      (_, at) => `  s${at}: { image: "busybox:latest", command: ["sleep", "100000"], init: true }`,
    );
    await on(
      host,
      "mkdir -p ~/many && cat > ~/many/compose.yaml && cd ~/many && docker compose up -d 2>&1",
      `services:\n${services.join("\n")}\n`,
    );
    await workshop.write(
      "tend.yaml",
      "fleet: many\nhosts: { many: { ssh: many } }\napps: { many: { host: many, path: ~/many } }\n",
    );
    return await use(workshop);
  } finally {
    await workshop.close();
    await freshHost(host);
  }
}
