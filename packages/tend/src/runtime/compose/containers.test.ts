import { describe, expect, test } from "vitest";
import { containersProbe, serviceStatus } from "./containers.ts";
import { container } from "./testing.ts";

const seen = (stdout: string, stderr = "", exit = 0) => containersProbe.read({ exit, stdout, stderr });

/** As Docker 28 prints it for tend's own format. */
const LINE =
  '{"id":"c1","name":"/skriptoteket-web","image":"sha256:aaa","ref":"skriptoteket-web","state":"running","health":"healthy","exit":0,"restarts":2,"started":"2026-11-19T08:00:00.5Z","ports":{"8000/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}],"9000/tcp":null},"labels":["skriptoteket","web","False","hash","/srv/app"]}';

describe("the containers of a host", () => {
  test("are read, a line each", () => {
    expect(seen(`${LINE}\n`)).toEqual({
      trouble: undefined,
      containers: [
        expect.objectContaining({
          name: "skriptoteket-web",
          state: "running",
          health: "healthy",
          restarts: 2,
          ports: ["8080→8000/tcp"],
          project: "skriptoteket",
          service: "web",
          oneOff: false,
          configHash: "hash",
          workingDir: "/srv/app",
        }),
      ],
    });
  });

  test("that Compose didn't make belong to no project", () => {
    const foreign = LINE.replace(/"labels":\[.*?\]/, '"labels":["","","","",""]').replace(
      '"health":"healthy"',
      '"health":"none"',
    );
    expect(seen(foreign).containers[0]).toMatchObject({ project: undefined, service: undefined, oneOff: false, health: "none" });
  });

  test("are none on a host without any", () => {
    expect(seen("")).toEqual({ trouble: undefined, containers: [] });
  });

  test("are told in spite of one that went away meanwhile", () => {
    expect(seen(LINE, "Error response from daemon: No such container: 1234", 1)).toMatchObject({
      trouble: undefined,
      containers: [{}],
    });
  });

  test.each([
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "sh: docker: not found",
  ])("can't be told where docker says: %s", (stderr) => {
    expect(seen("", `${stderr}\n`, 1)).toEqual({ trouble: stderr, containers: [] });
  });
});

describe("how a service stands", () => {
  test("is judged by the container that runs, not by one that ended", () => {
    const all = [container("web", { name: "old", state: "exited", exitCode: 1 }), container("web", { name: "new" })];
    expect(serviceStatus("web", all)).toMatchObject({
      container: "new",
      state: "running",
      health: "healthy",
      exitCode: undefined,
    });
  });

  test("says with which status it ended", () => {
    expect(serviceStatus("web", [container("web", { state: "exited", exitCode: 137 })])).toMatchObject({
      state: "exited",
      exitCode: 137,
    });
  });

  test("leaves surges and other one-offs aside", () => {
    expect(serviceStatus("web", [container("web", { oneOff: true })])).toMatchObject({ state: "absent", health: "none" });
  });
});
