/** The rules of Kiro 1.x on what may run unasked, read by Kiro's own rules of what a valid file is (kiro/README K27, K28). */
import { parseDocument } from 'yaml';
import * as z from 'zod';

const Rule = z.strictObject({
  capability: z.string(),
  effect: z.enum(['allow', 'ask', 'deny']),
  /** Without it the rule is about everything of its capability. */
  match: z.array(z.string()).optional(),
  exclude: z.array(z.string()).optional(),
});
export type PermissionRule = z.infer<typeof Rule>;

const Rules = z.looseObject({ rules: z.array(Rule) });

export interface Permissions {
  /** None when Kiro drops the file. */
  rules: PermissionRule[];
  /** Why Kiro drops the whole file, as one clause; null when it does not. */
  problem: string | null;
}

/** What Kiro makes of a permissions file, YAML or JSON. One faulty rule loses all of them. Pure; never throws. */
export function readPermissions(text: string): Permissions {
  const { value, problem } = parseYaml(text);
  if (problem !== null) return { rules: [], problem };
  const { data, error } = Rules.safeParse(value);
  if (data !== undefined) return { rules: data.rules, problem: null };
  const [issue] = error.issues;
  return { rules: [], problem: `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not valid'}` };
}

/** The plain value of a YAML text, or why there is none. Aliases are not followed: a few lines of them can fill a memory. */
export function parseYaml(text: string): { value: unknown; problem: string | null } {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) return { value: undefined, problem: error.message.split('\n')[0] ?? error.code };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }), problem: null };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { value: undefined, problem: 'it uses aliases' };
  }
}
