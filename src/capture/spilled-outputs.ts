import { systemCode } from '../core/failure.ts';
import { findToolOutputs, outputOf } from '../kiro/session-files-1x.ts';
import type { Fact, FactOf } from './fact.ts';
import { openRegular, readAt } from './tail-lines.ts';
import { exitCodeOf } from './tool-invocation.ts';

type ToolFact = FactOf<'tool.invoked'>;

/**
 * Of a larger one only the beginning is read: far more than is told of any text, so that redaction sees all of what is kept and
 * a good deal of what follows.
 */
const MAX_BYTES = 1024 * 1024;

/**
 * The facts, with the outputs of tools that Kiro moved to files of their own (kiro/README S14) in place of what refers to them.
 * No file is opened but that of the call.
 */
export async function withSpilledOutputs(sessionFolder: string, facts: readonly Fact[]): Promise<Fact[]> {
  if (!facts.some(mayBeSpilled)) return [...facts];
  const outputs = await findToolOutputs(sessionFolder);
  const filled: Fact[] = [];
  for (const fact of facts) {
    const file = mayBeSpilled(fact) ? outputOf(fact.body.callId, outputs) : undefined;
    const text = file === undefined ? null : await readBeginning(file);
    filled.push(text === null || fact.kind !== 'tool.invoked' ? fact : withOutput(fact, text));
  }
  return filled;
}

/** The result names the call's file, or there is none. */
function mayBeSpilled(fact: Fact): fact is ToolFact {
  if (fact.kind !== 'tool.invoked') return false;
  const { result, callId } = fact.body;
  if (typeof result !== 'string') return result === null;
  return result === '' || result === '{}' || result.includes(`${callId}-`);
}

function withOutput(fact: ToolFact, text: string): Fact {
  const { body, inferred } = fact;
  const exitCode = body.exitCode ?? (body.kind === 'execute' ? exitCodeOf(text) : null);
  const failed = exitCode !== null && exitCode !== 0 && body.success !== false;
  return {
    ...fact,
    body: { ...body, result: text, exitCode, success: failed ? false : body.success },
    inferred: failed ? [...inferred, 'success'] : inferred,
  };
}

async function readBeginning(file: string): Promise<string | null> {
  try {
    const handle = await openRegular(file);
    if (handle === null) return null;
    try {
      return (await readAt(handle, 0, Math.min((await handle.stat()).size, MAX_BYTES))).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Removed since it was found, a link, or not ours to read: then what Kiro's record says is all there is.
    if (['ENOENT', 'ELOOP', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}
