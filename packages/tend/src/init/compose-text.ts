import { posix } from "node:path";
import { Unreadable } from "../compose-files/document.ts";
import { type ComposeFiles, type ReadFile, readComposeFiles, variablesOf } from "../compose-files/files.ts";
import { healthcheckOf } from "../compose-files/healthcheck.ts";
import { interpolate, type Variables, withoutMarks } from "../compose-files/interpolate.ts";
import { mergedServices, mergedShared } from "../compose-files/merge.ts";
import { asList, asMap, asText, isYes, type RawService } from "../compose-files/raw.ts";
import { ServiceSource } from "../compose-files/source.ts";
import { addressInVariables, addressOf, type DatabaseAddress, takeApart } from "./address.ts";
import { type FoundService, type Mount, PLAIN_ENV } from "./found.ts";
import { projectNameOf } from "./names.ts";

export interface ComposeText {
  /** As Compose calls the project that these files make. */
  readonly project: string;
  /** The name that stands in them. */
  readonly named?: string;
  readonly services: readonly FoundService[];
  readonly troubles: readonly string[];
}

export interface Sources {
  /** By absolute paths. */
  readonly read: ReadFile;
  readonly variables: Variables;
}

/** What compose files say by themselves; the files by their absolute paths. */
export function readCompose(files: readonly string[], { read, variables }: Sources): ComposeText {
  const byFolder = projectNameOf(posix.dirname(files[0] ?? "/"));
  try {
    const all = readComposeFiles({ files, variables, read });
    const named = nameIn(all);
    const project = variables.get("COMPOSE_PROJECT_NAME") || named || byFolder;
    const around: Around = {
      read,
      variables,
      volume: dockerName(all, "volumes", project),
      network: dockerName(all, "networks", project),
    };
    const services = [...mergedServices(all)].map(([name, raw]) =>
      readService(name, withoutMarks(raw), new ServiceSource(all, name).text("image"), around),
    );
    return { project, named, services, troubles: all.troubles };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { project: byFolder, services: [], troubles: [error.message] };
  }
}

function nameIn({ documents }: ComposeFiles): string | undefined {
  const names = documents.flatMap(({ document, variables }) => {
    const name = document.text(document.entries(document.root).get("name")?.value);
    return name === undefined ? [] : [withoutMarks(interpolate(name, variables))];
  });
  return names.at(-1);
}

/** What Docker calls a network or a volume by its key in the files. */
function dockerName(all: ComposeFiles, section: "networks" | "volumes", project: string): (key: string) => string {
  const shared = mergedShared(all, section);
  return (key) => {
    const one = shared.get(key);
    return withoutMarks(one?.name ?? (one?.external ? key : `${project}_${key}`));
  };
}

interface Around extends Sources {
  volume(key: string): string;
  network(key: string): string;
}

function readService(name: string, raw: RawService, template: string | undefined, around: Around): FoundService {
  const env = environmentOf(raw, around);
  const plain = Object.fromEntries(PLAIN_ENV.flatMap((key) => (Object.hasOwn(env, key) ? [[key, env[key] as string]] : [])));
  const health = healthcheckOf(raw["healthcheck"]);
  return {
    name,
    container: asText(raw["container_name"]) ?? "",
    image: asText(raw["image"]) ?? "",
    template,
    built: raw["build"] !== undefined && raw["build"] !== null,
    done: false,
    env: plain,
    addresses: addressesOf(env, plain),
    labels: Object.fromEntries(Object.entries(asMap(raw["labels"])).map(([key, value]) => [key, asText(value) ?? ""])),
    published: asList(raw["ports"]).flatMap((port) => portOf(asMap(port)["target"])),
    exposed: asList(raw["expose"]).flatMap((port) => portOf(asText(port)?.split("/")[0])),
    mounts: asList(raw["volumes"]).flatMap((volume) => mountOf(asMap(volume), around)),
    health: health === "off" ? [] : (health ?? []),
    networks: Object.fromEntries(
      Object.entries(asMap(raw["networks"])).map(([key, value]) => [
        around.network(key),
        asList(asMap(value)["aliases"]).map(String),
      ]),
    ),
    dependsOn: Object.keys(asMap(raw["depends_on"])),
    profiles: asList(raw["profiles"]).map(String),
  };
}

/** With what its env files say; a variable without a value is taken from where Compose is run. */
function environmentOf(raw: RawService, { read, variables }: Sources): Readonly<Record<string, string>> {
  const files = variablesOf(asList(raw["env_file"]).map((file) => read(String(file))));
  const own = Object.entries(asMap(raw["environment"])).flatMap(([name, value]) => {
    const text = value === null ? variables.get(name) : asText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries([...files, ...own]);
}

export function addressesOf(env: Readonly<Record<string, string>>, plain: Readonly<Record<string, string>>): DatabaseAddress[] {
  const written = Object.values(env).flatMap((value) => {
    const pieces = takeApart(value);
    const address = pieces && addressOf(pieces);
    return address ? [address] : [];
  });
  const spread = addressInVariables(plain);
  return written.length > 0 || !spread ? written : [spread];
}

function portOf(value: unknown): readonly number[] {
  const number = Number(asText(value));
  return Number.isInteger(number) && number > 0 && number < 65536 ? [number] : [];
}

function mountOf(volume: Readonly<Record<string, unknown>>, around: Around): readonly Mount[] {
  const { type, source: from, target: to, read_only } = volume;
  const source = asText(from) ?? "";
  const target = asText(to) ?? "";
  if (source === "" || target === "" || (type !== "bind" && type !== "volume")) return [];
  const isFile = type === "bind" && /\.[A-Za-z0-9]{1,8}$/.test(source) && !/\.d$/.test(source);
  return [
    {
      from: type === "volume" ? { volume: around.volume(source) } : { path: source },
      target,
      writable: !isYes(read_only),
      isFile,
      sqlite: [],
      others: true,
    },
  ];
}
