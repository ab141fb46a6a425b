import type { Spot } from "../compose-files/document.ts";
import type { ComposeFiles } from "../compose-files/files.ts";
import { ServiceSource } from "../compose-files/source.ts";
import { clean } from "../execute/evidence.ts";
import { redact } from "../execute/redact.ts";
import type { Contract, ContractSeverity, RuleName } from "../model/contract.ts";
import { RULE_NAMES } from "../model/contract.ts";
import type { App, Fleet } from "../model/fleet.ts";
import { knownByName } from "./images.ts";
import type { ImageKnown, Rule, Ruling, Subject } from "./rule.ts";
import { RULES } from "./rules/index.ts";
import type { Composed, ComposedService } from "./service.ts";

/** A service that doesn't keep a rule. Its text has no value of a secret, and can't steer a terminal. */
export interface Breach extends Spot {
  readonly rule: RuleName;
  readonly severity: ContractSeverity;
  readonly service: string;
  readonly title: string;
  readonly why: string;
  readonly fix: { readonly text: string; readonly lines: readonly string[] };
}

export interface Judgement {
  /** What it was held to: `the default contract`. */
  readonly contract: string;
  readonly files: readonly string[];
  readonly services: readonly string[];
  readonly breaches: readonly Breach[];
  /** Breaches that the contract lets pass. */
  readonly excepted: readonly { readonly rule: RuleName; readonly service: string; readonly because: string }[];
  /** What can't be told from what was there to see. */
  readonly unknown: readonly { readonly rule: RuleName; readonly service: string; readonly what: string }[];
}

export interface Held {
  readonly fleet: Fleet;
  readonly app: App;
  readonly contract: Contract;
  readonly files: ComposeFiles;
  readonly composed: Composed;
  /** What is known of a service's image. */
  image(service: ComposedService): ImageKnown;
}

/** Holds an app's services against its contract; pure. */
export function judgeContract(held: Held): Judgement {
  const { contract, files } = held;
  const subjects = subjectsOf(held);
  const told = subjects.flatMap((subject) => RULE_NAMES.flatMap((name) => [...toldOf(contract, name, subject)]));
  const unknown = told.flatMap((one) => (one.kind === "unknown" ? [one.is] : []));
  const order = new Map(files.documents.map(({ document }, at) => [document.file, at]));
  return {
    contract: contract.from,
    files: files.documents.map(({ document }) => tidy(document.file)),
    services: subjects.map(({ service }) => tidy(service.name)),
    breaches: onceEach(told.flatMap((one) => (one.kind === "breach" ? [one.is] : []))).toSorted(
      (one, other) =>
        (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column,
    ),
    excepted: told.flatMap((one) => (one.kind === "excepted" ? [one.is] : [])),
    unknown: [...new Map(unknown.map((one) => [`${one.rule} ${one.what}`, one])).values()],
  };
}

type Told =
  | { readonly kind: "breach"; readonly is: Breach }
  | { readonly kind: "excepted"; readonly is: Judgement["excepted"][number] }
  | { readonly kind: "unknown"; readonly is: Judgement["unknown"][number] };

/** What a rule comes to for a service: what is excepted is no breach, and what a variable decides can't be told without it. */
function* toldOf(contract: Contract, name: RuleName, subject: Subject): Iterable<Told> {
  const asked = contract.rules[name];
  if (!asked) return;
  const rule = RULES[name] as Rule;
  const service = tidy(subject.service.name);
  const exception = contract.except.find((one) => one.services.includes(subject.service.name) && one.rules.includes(name));
  for (const ruling of rule.judge(subject, asked)) {
    if ("unknown" in ruling) {
      if (!exception) yield { kind: "unknown", is: { rule: name, service, what: tidy(ruling.unknown) } };
      continue;
    }
    const open = ruling.open ?? rule.keys.flatMap((key) => subject.service.unsettled.get(key) ?? []);
    if (exception) yield { kind: "excepted", is: { rule: name, service, because: exception.because } };
    else if (open.length > 0) {
      const what = `${rule.keys[0]} of ${service}, without a value for ${[...new Set(open)].join(" and ")}`;
      yield { kind: "unknown", is: { rule: name, service, what: tidy(what) } };
    } else yield { kind: "breach", is: breachOf(rule, asked.severity, service, ruling) };
  }
}

/** What an anchor brings into several services is wrong in one place. */
function onceEach(breaches: readonly Breach[]): readonly Breach[] {
  const placed = new Map<string, Breach>();
  for (const breach of breaches) {
    const { rule, file, line, column, title, service } = breach;
    const key = JSON.stringify([rule, file, line, column, title.replaceAll(service, "")]);
    if (!placed.has(key)) placed.set(key, breach);
  }
  return [...placed.values()];
}

function breachOf(rule: Rule, severity: ContractSeverity, service: string, ruling: Extract<Ruling, { title: string }>): Breach {
  const { title, at, fix } = ruling;
  return {
    rule: rule.name,
    severity,
    service,
    file: tidy(at.file),
    line: at.line,
    column: at.column,
    title: tidy(title),
    why: rule.why,
    // What a secret is replaced by is a variable's name, and looks like one.
    fix: { text: tidy(fix.text), lines: fix.lines.map(rule.name === "secrets" ? clean : tidy) },
  };
}

/** The app's services: those that it names, else all of the project. */
function subjectsOf({ fleet, app, files, composed, image }: Held): readonly Subject[] {
  const declared = new Map(app.services.map((service) => [service.compose as string, service]));
  const routed = app.services.some((service) => service.route !== undefined);
  const tagVariables: ReadonlyMap<string, string> = app.source.kind === "images" ? app.source.tags : new Map();
  return [...composed.services.values()].flatMap((service): readonly Subject[] => {
    const known = declared.get(service.name);
    if (declared.size > 0 && !known) return [];
    const proxy = known?.route?.proxy === undefined ? undefined : fleet.proxies.get(known.route.proxy);
    return [
      {
        app,
        service,
        composed,
        source: new ServiceSource(files, service.name),
        image: service.image === undefined && !service.built ? {} : image(service),
        // Where no route is declared at all, an app of one service is meant to be reached.
        routed: known?.route !== undefined || (!routed && (declared.size || composed.services.size) === 1),
        oneOff: known?.role === "one-off" || (known === undefined && service.restart === "no"),
        proxy,
        tagVariable: known === undefined ? undefined : tagVariables.get(known.name),
      },
    ];
  });
}

/** What an image is known to be by its name: all that there is to go by where no host is asked. */
export function byName({ image, built }: ComposedService): ImageKnown {
  return image === undefined || built ? {} : knownByName(image);
}

function tidy(text: string): string {
  return redact(clean(text));
}
