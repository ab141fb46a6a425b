import { posix } from "node:path";
import { Unreadable } from "../compose-files/document.ts";
import { type ReadFile, readComposeFiles, variablesOf } from "../compose-files/files.ts";
import { healthcheckOf } from "../compose-files/healthcheck.ts";
import { type Variables, withoutMarks } from "../compose-files/interpolate.ts";
import { mergedServices } from "../compose-files/merge.ts";
import { dockerName, nameIn, projectNameOf, projectOf } from "../compose-files/names.ts";
import { asList, asMap, asText, isYes, type RawService } from "../compose-files/raw.ts";
import { ServiceSource } from "../compose-files/source.ts";
import { addressInVariables, addressOf, type DatabaseAddress, takeApart } from "./address.ts";
import { type FoundService, type Mount, PLAIN_ENV } from "./found.ts";

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
  const folder = posix.dirname(files[0] ?? "/");
  try {
    const all = readComposeFiles({ files, variables, read });
    const project = projectOf(all, variables, folder);
    const around: Around = {
      read,
      variables,
      volume: dockerName(all, "volumes", project),
      network: dockerName(all, "networks", project),
    };
    const services = [...mergedServices(all)].map(([name, raw]) =>
      readService(name, withoutMarks(raw), new ServiceSource(all, name).text("image"), around),
    );
    return { project, named: nameIn(all), services, troubles: all.troubles };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { project: projectNameOf(folder), services: [], troubles: [error.message] };
  }
}

interface Around extends Sources {
  volume(key: string): string;
  network(key: string): string;
}

function readService(name: string, raw: RawService, template: string | undefined, around: Around): FoundService {
  const env = environmentOf(raw, around);
  const plain = Object.fromEntries(PLAIN_ENV.flatMap((key) => (Object.hasOwn(env, key) ? [[key, env[key] as string]] : [])));
  const published = asList(raw["ports"]).flatMap((port) => portOf(asMap(port)["target"]));
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
    published,
    exposed: [...new Set([...asList(raw["expose"]).flatMap((port) => portOf(asText(port)?.split("/")[0])), ...published])],
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
