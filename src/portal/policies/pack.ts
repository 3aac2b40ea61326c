import * as z from 'zod';
import { readTextAsset } from '../../core/assets.ts';
import { type PackPolicy, SEVERITIES, sequenceSchema } from './policy.ts';

const FOLDER = 'installer-assets/policies';
const FILES = ['commands', 'files', 'sessions', 'sequences'] as const;

const texts = z.array(z.string()).default([]);
const lists = z.record(z.string(), z.array(z.string())).default({});
const described = {
  id: z.string().regex(/^[a-z][a-z-]{1,60}$/),
  name: z.string(),
  version: z.int().positive(),
  severity: z.enum(SEVERITIES),
  enabled: z.boolean().default(true),
  finds: z.string(),
  why: z.string(),
  falsePositives: z.string(),
  attack: texts,
  atlas: texts,
  owasp: texts,
  lists,
};
const policySchema = z.strictObject({ ...described, expression: z.string(), matches: texts, benign: texts });
const sequencePolicySchema = z.looseObject(described);
const fileSchema = z.strictObject({
  policies: z.array(policySchema).default([]),
  sequences: z.array(sequencePolicySchema).default([]),
});

/** A built-in policy with the events, in short form, that it has to find and to leave alone. */
export type PackEntry = PackPolicy & { matches: string[]; benign: string[] };

let pack: Promise<readonly PackEntry[]> | undefined;

/** The built-in policies and sequences, read once. Throws `asset-missing`. */
export function loadPack(): Promise<readonly PackEntry[]> {
  pack ??= readPack();
  return pack;
}

async function readPack(): Promise<readonly PackEntry[]> {
  const { parse } = await import('yaml');
  const read = (name: string): unknown => parse(readTextAsset(`${FOLDER}/${name}.yaml`));
  const shared = z.strictObject({ lists }).parse(read('shared')).lists;
  return FILES.flatMap((name) => {
    const file = fileSchema.parse(read(name));
    return [
      ...file.policies.map((policy): PackEntry => {
        const expression = fill(policy.expression, { ...shared, ...policy.lists });
        return { ...entryOf(policy), matches: policy.matches, benign: policy.benign, expression, sequence: null };
      }),
      ...file.sequences.map((policy): PackEntry => {
        const rule = Object.fromEntries(Object.entries(policy).filter(([key]) => !(key in described)));
        const sequence = sequenceSchema.parse(
          JSON.parse(JSON.stringify(rule), (_key, value: unknown) =>
            typeof value === 'string' ? fill(value, shared) : value,
          ),
        );
        return { ...entryOf(policy), matches: [], benign: [], expression: null, sequence };
      }),
    ];
  });
}

function entryOf(policy: Omit<z.infer<typeof policySchema>, 'expression' | 'matches' | 'benign'>) {
  const { id, name, version, severity, enabled, finds, why, falsePositives, attack, atlas, owasp } = policy;
  const description = { finds, why, falsePositives, attack, atlas, owasp };
  return { id, name, packVersion: version, severity, enabled, description };
}

/** Puts the lists in: `<name>` as alternatives of a pattern, `<"name">` as texts of a CEL list. Lists may name lists. */
function fill(text: string, lists: Readonly<Record<string, readonly string[]>>): string {
  const filled = text.replace(/<("?)([a-z]+)\1>/g, (whole, quote: string, name: string) => {
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (list === undefined) return whole;
    return quote === '' ? list.join('|') : list.map((item) => JSON.stringify(item)).join(', ');
  });
  return filled === text ? text : fill(filled, lists);
}
