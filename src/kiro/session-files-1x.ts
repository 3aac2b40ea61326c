/** The files of a session's folder besides its records: what sub-agents did, outputs moved out, and what we do not know. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';

/** The record of one sub-agent's run (kiro/README S13). */
export interface SubExecution {
  /** The file's name without its ending; Kiro's id of the run. */
  id: string;
  file: string;
  /** Bytes. */
  size: number;
  /** When it was last written, in ms. */
  writtenMs: number;
}

const SUB_EXECUTIONS = 'sub-executions';
const SUB_EXECUTION = /^([A-Za-z0-9_-]{1,200})\.jsonl$/;

/** All sub-agents' records of a session, the one that was written last coming last. Links are not followed. */
export async function findSubExecutions(sessionFolder: string): Promise<SubExecution[]> {
  const folder = path.join(sessionFolder, SUB_EXECUTIONS);
  const found: SubExecution[] = [];
  for (const name of await namesIn(folder)) {
    const id = SUB_EXECUTION.exec(name)?.[1];
    const file = path.join(folder, name);
    const entry = id === undefined ? undefined : await entryAt(file);
    if (id === undefined || !entry?.isFile()) continue;
    found.push({ id, file, size: entry.size, writtenMs: entry.mtimeMs });
  }
  return found.toSorted((a, b) => a.writtenMs - b.writtenMs || (a.id < b.id ? -1 : 1));
}

const TOOL_OUTPUTS = 'tool-outputs';

/** Paths of the files that long outputs of tools were moved to (kiro/README S14). */
export async function findToolOutputs(sessionFolder: string): Promise<string[]> {
  const folder = path.join(sessionFolder, TOOL_OUTPUTS);
  return (await namesIn(folder)).map((name) => path.join(folder, name));
}

/** Of these, the one of a call: `<call>-<8 hex>.txt`. Pure. */
export function outputOf(callId: string, outputs: readonly string[]): string | undefined {
  return outputs.find((file) => {
    const name = path.basename(file);
    return name.startsWith(`${callId}-`) && /^[0-9a-f]{8}\.txt$/.test(name.slice(callId.length + 1));
  });
}

/** kiro/README S1, S13, S14, S15. */
const KNOWN = new Set([
  ...['session.json', 'messages.jsonl', 'publish.cursor', 'publish-sub.cursor', 'snapshots'],
  ...[SUB_EXECUTIONS, TOOL_OUTPUTS],
]);
const MOST = 8;
const MAX_NAME = 64;

/**
 * Kinds of files in a session's folder that no Kiro known to us makes, a few at most. Numbers and ids in their names are
 * left out (`cache-*.db`), so that one kind counts once.
 */
export async function unknownFiles(sessionFolder: string): Promise<string[]> {
  const strange = (await namesIn(sessionFolder)).filter((name) => !KNOWN.has(name.replace(/\.tmp$/, '')));
  const kinds = strange.map((name) => name.replace(/[0-9a-f-]{8,}|\d+/gi, '*').slice(0, MAX_NAME));
  return [...new Set(kinds)].toSorted().slice(0, MOST);
}

/** Nothing for a folder that is not there or is a link. */
async function namesIn(folder: string): Promise<string[]> {
  if (!(await entryAt(folder))?.isDirectory()) return [];
  return readdir(folder);
}

async function entryAt(file: string) {
  try {
    return await lstat(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
