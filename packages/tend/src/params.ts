import { Failure } from "./model/failure.ts";
import {
  type AppName,
  appName,
  gitRef,
  type HostName,
  hostName,
  imageTag,
  type ServiceName,
  type SubjectName,
  serviceName,
  subjectName,
} from "./model/names.ts";

/**
 * What an operation takes, as data: the command line, its help, completion, and later an agent's input schema
 * are all made from it.
 */
export interface Param<T> {
  /** `argument` stands by itself; `rest` takes all that is left; `option` has a flag. */
  readonly place: "argument" | "rest" | "option";
  readonly value: "none" | "one" | "many";
  /** How the value is called in help: `<app>`, `<commit>`. */
  readonly label: string;
  readonly short?: string;
  readonly summary: string;
  readonly required: boolean;
  readonly completes?: "apps" | "services" | "hosts";
  /** Throws a `usage` failure that says what was expected. */
  parse(given: readonly string[] | boolean | undefined): T;
}

export type Params = Readonly<Record<string, Param<unknown>>>;
export type Inputs<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

export function usage(title: string, help?: string): Failure {
  return new Failure({ id: "usage", exit: "usage", title, help });
}

interface Rule<T> {
  readonly what: string;
  readonly expected: string;
  parse(text: string): T | undefined;
}

function checked<T>(rule: Rule<T>, text: string): T {
  const value = rule.parse(text);
  if (value === undefined) throw usage(`"${text}" can't be ${rule.what}: expected ${rule.expected}`);
  return value;
}

const texts = (given: readonly string[] | boolean | undefined): readonly string[] => (Array.isArray(given) ? given : []);
const commas = (given: readonly string[] | boolean | undefined) =>
  texts(given)
    .flatMap((text) => text.split(","))
    .filter(Boolean);

export function apps(summary = "which apps"): Param<readonly AppName[]> {
  return {
    place: "rest",
    value: "many",
    label: "app",
    summary,
    required: true,
    completes: "apps",
    parse: (given) => [...new Set(texts(given))].map((text) => checked(appName, text)),
  };
}

export function someApps(summary = "which apps; all of them when none is named"): Param<readonly AppName[]> {
  return { ...apps(summary), required: false };
}

export function app(summary = "which app"): Param<AppName> {
  return {
    place: "argument",
    value: "one",
    label: "app",
    summary,
    required: true,
    completes: "apps",
    parse: (given) => checked(appName, texts(given)[0] ?? ""),
  };
}

/** An app, or with an @ before its name a host: what is done to a host itself has a journal of its own. */
export function appOrHost(summary = "which app; @HOST for what was done to a host itself"): Param<AppName> {
  return {
    ...app(summary),
    parse: (given) =>
      texts(given)[0]?.startsWith("@") ? hostOwn(texts(given)[0] as string) : checked(appName, texts(given)[0] ?? ""),
  };
}

function hostOwn(text: string): AppName {
  checked(hostName, text.slice(1));
  return text as AppName;
}

export function someHosts(summary = "which hosts; all of them when none is named"): Param<readonly HostName[]> {
  return {
    place: "rest",
    value: "many",
    label: "host",
    summary,
    required: false,
    completes: "hosts",
    parse: (given) => [...new Set(texts(given))].map((text) => checked(hostName, text)),
  };
}

export function services(summary: string, short?: string): Param<readonly ServiceName[]> {
  return {
    place: "option",
    value: "many",
    label: "services",
    short,
    summary,
    required: false,
    completes: "services",
    parse: (given) => commas(given).map((text) => checked(serviceName, text)),
  };
}

export function subjects(summary: string): Param<readonly SubjectName[]> {
  return {
    place: "option",
    value: "many",
    label: "names",
    summary,
    required: false,
    parse: (given) => commas(given).map((text) => checked(subjectName, text)),
  };
}

export function flag(summary: string, short?: string): Param<boolean> {
  return { place: "option", value: "none", label: "", short, summary, required: false, parse: (given) => given === true };
}

export function text(label: string, summary: string, short?: string): Param<string | undefined> {
  return { place: "option", value: "one", label, short, summary, required: false, parse: (given) => texts(given)[0] };
}

export function count(label: string, summary: string, short?: string): Param<number | undefined> {
  return {
    ...text(label, summary, short),
    parse: (given) => {
      const [value] = texts(given);
      if (value !== undefined && !/^[0-9]{1,9}$/.test(value)) throw usage(`"${value}" is no number: ${summary}`);
      return value === undefined ? undefined : Number(value);
    },
  };
}

/** A value that has to follow one of the naming rules. */
export function named<T>(rule: Rule<T>, label: string, summary: string): Param<T | undefined> {
  return {
    ...text(label, summary),
    parse: (given) => (texts(given)[0] === undefined ? undefined : checked(rule, texts(given)[0] as string)),
  };
}

export const ref = (summary: string) => named(gitRef, "commit", summary);
export const tag = (summary: string) => named(imageTag, "tag", summary);

export function position(label: string, summary: string): Param<string | undefined> {
  return { ...text(label, summary), place: "argument" };
}

export function rest(label: string, summary: string, required: boolean): Param<readonly string[]> {
  return { place: "rest", value: "many", label, summary, required, parse: texts };
}
