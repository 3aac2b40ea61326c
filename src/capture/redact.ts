import type { Bodies, CapsuleEvent, Json, Redaction, Truncation } from '../core/event.ts';
import { rulesBeside } from './all-rules.ts';
import { cleanTexts } from './clean-texts.ts';
import { MAX_DEPTH } from './plain-json.ts';
import { type Hit, redactText, replacement, type TextRules } from './redact-text.ts';
import { isReference, isSecretName } from './secret-names.ts';
import { isContentName, originOf } from './secret-origin.ts';
import type { RulesFor } from './secret-rule.ts';
import { pointerStep, truncationOf } from './truncation.ts';

export interface Redactor {
  /** The event with every secret that was found replaced, and a receipt for each in `redactions`. */
  redactEvent(event: CapsuleEvent): Promise<CapsuleEvent>;
}

export interface RedactorOptions {
  /** This machine's own random key, for the hashes that stand for secrets. */
  key: Buffer;
  /** All that come with the program unless given. */
  rules?: RulesFor;
  /** Milliseconds; this thread's processor time unless given, so that a busy or sleeping machine takes nothing away. */
  clock?: () => number;
}

/** Knows secrets by where they come from, by the name of what holds them and by how they look. Best effort by nature; what it cannot scan is withheld. */
export function createRedactor({ key, rules = rulesBeside([]), clock = threadTime }: RedactorOptions): Redactor {
  const by: TextRules = { key, rules, clock, clean: cleanTexts() };
  return { redactEvent: (event) => redactEvent(event, by) };
}

/** Any JSON value without its secrets, by the rules that events are redacted by. Fields are named from its root on. */
export async function redactValue(
  value: Json,
  { key, rules = rulesBeside([]), clock = threadTime }: RedactorOptions,
): Promise<{ value: Json; redactions: Redaction[] }> {
  const walk = new Walk({ key, rules, clock });
  return { value: await walk.value(value, '', { secret: false, depth: 0 }), redactions: walk.receipts() };
}

function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function redactEvent(event: CapsuleEvent, by: TextRules): Promise<CapsuleEvent> {
  const walk = new Walk(by);
  const { title } = event.session;
  const session = { ...event.session, title: title === null ? null : await walk.text(title, '/session/title') };
  const source = event.kind === 'tool.invoked' ? walk.withoutOrigin(event.body) : event.body;
  const body = await walk.value(source as unknown as Json, '/body', { secret: false, depth: 0 });
  const truncated = [...(event.truncated ?? []), ...walk.withheld];
  // A string stays a string and a list a list, so the body keeps its shape.
  return {
    ...event,
    session,
    body,
    redactions: [...event.redactions, ...walk.receipts()],
    ...(truncated.length === 0 ? {} : { truncated }),
  } as unknown as CapsuleEvent;
}

/** More receipts than a person reads; the rest is summed up under the last one's rule. */
const MAX_RECEIPTS = 100;

interface Place {
  /** Below a name that says secret. */
  secret: boolean;
  depth: number;
}

/** Everywhere else the names are the contract's own; withheld, they would make the event into no event at all. */
function namesAreData(field: string): boolean {
  return /^\/body\/(?:arguments|result)(?:\/|$)/.test(field);
}

/** One walk over an event's texts, gathering receipts. */
class Walk {
  readonly withheld: Truncation[] = [];
  readonly #receipts = new Map<string, Redaction>();
  readonly #by: TextRules;

  constructor(by: TextRules) {
    this.#by = by;
  }

  receipts(): Redaction[] {
    return [...this.#receipts.values()];
  }

  /** A call that reads or writes a file of secrets, without what was read and written. */
  withoutOrigin(body: Bodies['tool.invoked']): Bodies['tool.invoked'] {
    const origin = originOf(body);
    if (origin === null) return body;
    const rule = `origin:${origin}`;
    const { arguments: args, result } = body;
    return {
      ...body,
      arguments: this.#withoutContent(args, '/body/arguments', rule),
      result: this.#withheld(result, '/body/result', rule),
    };
  }

  #withoutContent(args: Json, field: string, rule: string, depth = 0): Json {
    if (typeof args !== 'object' || args === null || depth > MAX_DEPTH) return args;
    if (Array.isArray(args)) {
      return args.map((item, index) => this.#withoutContent(item, field + pointerStep(index), rule, depth + 1));
    }
    const entries = Object.entries(args).map(([name, value]): [string, Json] => {
      const inner = field + pointerStep(name);
      if (isContentName(name)) return [name, this.#withheld(value, inner, rule)];
      return [name, this.#withoutContent(value, inner, rule, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  #withheld(value: Json, field: string, rule: string): Json {
    if (value === null || value === '') return value;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const { placeholder, hit } = replacement(rule, text, this.#by.key);
    this.#note(hit, field);
    return placeholder;
  }

  async value(value: Json, field: string, { secret, depth }: Place): Promise<Json> {
    if (typeof value === 'string') return secret ? this.#whole(value, field) : this.text(value, field);
    if (typeof value === 'number') return secret ? this.#whole(String(value), field) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return this.#whole(JSON.stringify(value), field, 'too-deep');
    const below = { secret, depth: depth + 1 };
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const [index, item] of value.entries())
        items.push(await this.value(item, field + pointerStep(index), below));
      return items;
    }
    const entries: [string, Json][] = [];
    for (const [name, item] of Object.entries(value)) {
      const key = namesAreData(field) ? await this.text(name, field) : name;
      const place = { ...below, secret: secret || isSecretName(name) };
      entries.push([key, await this.value(item, field + pointerStep(key), place)]);
    }
    return Object.fromEntries(entries);
  }

  async text(text: string, field: string): Promise<string> {
    const redacted = await redactText(text, this.#by);
    for (const hit of redacted.hits) this.#note(hit, field);
    if (redacted.withheld)
      this.withheld.push({ ...truncationOf(field, redacted.text), bytes: Buffer.byteLength(text) });
    return redacted.text;
  }

  #whole(text: string, field: string, rule = 'secret-name'): string {
    if (text === '' || isReference(text)) return text;
    const { placeholder, hit } = replacement(rule, text, this.#by.key);
    this.#note(hit, field);
    return placeholder;
  }

  #note({ rule, hash }: Hit, field: string): void {
    const full = this.#receipts.size >= MAX_RECEIPTS;
    const id = JSON.stringify([rule, field, hash]);
    const known = this.#receipts.get(id) ?? (full ? [...this.#receipts.values()].at(-1) : undefined);
    if (known !== undefined) known.count += 1;
    else this.#receipts.set(id, { rule, field, count: 1, hash });
  }
}
