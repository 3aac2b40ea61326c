import path from 'node:path';
import * as z from 'zod';
import { shortName } from './fields.ts';
import { field, folder, id, listOf, parseBoth, within } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';
import { folderNames } from './places-0x.ts';
import { readWhole } from './whole-file-0x.ts';

/** One entry of a chat's history, in its order; there are no times (kiro/README Z5). */
export interface HistoryEntry {
  role: string;
  id: string | null;
  content?: unknown;
  /** Written by Kiro itself. */
  hidden: boolean;
  /** On an answer: the execution that holds what was really said and done. */
  executionId: string | null;
  contextItems: unknown[];
  /** What the model said, in builds that kept it here. */
  completions: string[];
}

/** What Kiro 0.x's file of a chat says of it (kiro/README Z5). */
export interface SessionFile {
  title: string | null;
  /** `vibe` or `spec`. */
  mode: string | null;
  model: string | null;
  workspacePath: string | null;
  history: HistoryEntry[];
  /** Fields and shapes of its file that are not known, by name. */
  unknown: Record<string, number>;
}

const Entry = z.object({
  message: z.object({ role: shortName, id: field(id), content: z.unknown().optional(), isHidden: field(z.boolean()) }),
  executionId: field(id),
  contextItems: listOf(z.unknown()),
  promptLogs: listOf(z.object({ completion: z.string() })),
});

const File = z.object({
  title: field(shortName),
  sessionType: field(shortName),
  selectedModel: field(shortName),
  workspacePath: field(folder),
  workspaceDirectory: field(folder),
  history: listOf(Entry),
});

/** A chat's file; null when it does not parse. */
export function parseSessionFile(json: string): SessionFile | null {
  const both = parseBoth(File, json);
  if (both === null) return null;
  const { known: file, all } = both;
  return {
    title: file.title,
    mode: file.sessionType,
    model: file.selectedModel,
    workspacePath: file.workspacePath ?? file.workspaceDirectory,
    history: file.history.map(({ message, executionId, contextItems, promptLogs }) => ({
      role: message.role,
      id: message.id,
      content: message.content,
      hidden: message.isHidden ?? false,
      executionId,
      contextItems,
      completions: promptLogs.map(({ completion }) => completion),
    })),
    unknown: {
      ...unknownFields0x('session', all, {
        name: 'session.history',
        list: within(all, 'history'),
        read: file.history.length,
      }),
      ...otherRoles(file.history.map(({ message }) => message.role)),
    },
  };
}

/** Messages that are neither the user's nor the model's (`tool`, `system`): not told, so counted. */
function otherRoles(roles: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const role of roles) {
    if (role === 'user' || role === 'assistant') continue;
    const name = `message ${role.slice(0, MAX_ROLE)}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const MAX_ROLE = 32;

/** Where a chat is listed and what is known of it; `file` is null when there is none, `torn` while it is being written. */
export interface FoundSession {
  /** One folder of `workspace-sessions`. */
  folder: string;
  file: SessionFile | null;
  torn: boolean;
}

/**
 * The file of a chat, looked for in every workspace's folder below `workspace-sessions`: their names are an encoding of the
 * path that is not relied on (kiro/README Z2). null when no folder has it.
 */
export async function findSession(sessions: string, sessionId: string): Promise<FoundSession | null> {
  for (const name of await folderNames(sessions)) {
    const folder = path.join(sessions, name);
    const read = await readWhole(path.join(folder, `${sessionId}.json`), parseSessionFile);
    if (read.found === 'absent') continue;
    return { folder, file: read.found === 'whole' ? read.value : null, torn: read.found === 'torn' };
  }
  return null;
}
