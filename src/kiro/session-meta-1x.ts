import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { systemCode } from '../core/failure.ts';
import { parseJson } from './fields.ts';
import { isoTime } from './iso-time.ts';

/** What `session.json` says of a session (kiro/README S2). Kiro rewrites it while the session runs. */
export interface SessionMeta {
  title: string | null;
  /** `vibe`, `spec`, a custom agent's name. */
  mode: string | null;
  /** Often `auto`. */
  model: string | null;
  /** Native paths, also of another system than this one; empty for a window without a folder. */
  workspacePaths: string[];
  /** ISO 8601 in UTC. */
  createdAt: string | null;
}

/** Longer than any that is shown; a title can be a whole prompt. */
const MAX_NAME = 200;
const name = z
  .string()
  .transform((value) => value.slice(0, MAX_NAME))
  .nullable()
  .catch(null);
const schema = z.object({
  title: name,
  agentMode: name,
  modelId: name,
  workspacePaths: z.array(z.string().min(1).max(4096)),
  createdAt: z.string().transform(isoTime).nullable().catch(null),
});

/** null: it does not parse, so its workspaces are not known. */
export function parseSessionMeta(json: string): SessionMeta | null {
  const parsed = schema.safeParse(parseJson(json));
  if (!parsed.success) return null;
  const { title, agentMode: mode, modelId: model, workspacePaths, createdAt } = parsed.data;
  return { title, mode, model, workspacePaths, createdAt };
}

const MAX_BYTES = 1024 * 1024;

/**
 * The session's metadata, or null when there is none to be read now: missing, half-written, or larger than any real one.
 * Whether Kiro replaces the file or rewrites it in place is not known, so a torn read has to be expected.
 */
export async function readSessionMeta(sessionFolder: string): Promise<SessionMeta | null> {
  const file = path.join(sessionFolder, 'session.json');
  try {
    if ((await stat(file)).size > MAX_BYTES) return null;
    return parseSessionMeta(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
