/** What support needs to see, part by part. No part reads an event's text, a session of Kiro's, or a secret. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import os from 'node:os';
import { ownVersion } from '../../core/assets.ts';
import type { Json } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { readRecord } from '../../kiro/attachment-record.ts';
import { kiroPaths } from '../../kiro/paths.ts';
import { findKiro } from '../../kiro/versions.ts';
import { readCredential } from '../../relay/credential.ts';
import { summarizeOutbox } from '../../relay/summarize-outbox.ts';
import { daemonState } from '../daemon-state.ts';
import { settingsInForce } from '../settings-in-force.ts';
import { withoutPassword } from '../shell-proxy.ts';

/** One file of the bundle: JSON, or JSON lines where `lines` says so. */
export interface Part {
  name: string;
  value: Json;
  lines?: true;
}
export interface LeftOut {
  what: string;
  why: string;
}
export interface Parts {
  parts: Part[];
  leftOut: LeftOut[];
}

const LOG_BYTES = 128 * 1024;
const COVERAGE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Never there, whatever the machine looks like. */
const NEVER: readonly LeftOut[] = [
  {
    what: 'events, prompts, answers, tool calls',
    why: 'content is for the portal alone; only numbers of them are here',
  },
  { what: "Kiro's own files, and the originals of files we edited", why: 'they are yours' },
  { what: 'credential, enrolment code, the key of the redaction hashes', why: 'secrets' },
  { what: 'patterns of content.rules', why: 'they may describe secrets; their names are here' },
];

/** A part that cannot be read is left out with the reason; the others are there all the same. */
export async function gatherParts(
  host: Host,
  { findings, status }: { findings: Json; status(): Promise<Json> },
): Promise<Parts> {
  const leftOut = [...NEVER];
  const parts: Part[] = [{ name: 'diagnose.json', value: findings }];
  const readers: [string, () => Json | Promise<Json>][] = [
    ['status.json', status],
    ['versions.json', () => versions(host)],
    ['settings.json', () => settings(host)],
    ['portal.json', () => portal(host)],
    ['attachments.json', () => attachments(host)],
    ['outbox.json', () => outbox(host)],
  ];
  for (const [name, read] of readers) {
    try {
      parts.push({ name, value: await read() });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      leftOut.push({ what: name, why: error.message });
    }
  }
  const log = logTail(host.own.log);
  if (log === null) leftOut.push({ what: 'daemon.log', why: 'there is none' });
  else {
    parts.push({ name: 'daemon.log', value: log.lines, lines: true });
    if (log.skipped > 0)
      leftOut.push({ what: `the first ${log.skipped} bytes of daemon.log`, why: 'only its end is taken' });
  }
  return { parts, leftOut };
}

function versions(host: Host): Json {
  const own = settingsInForce(host);
  const kiro = findKiro(host, kiroPaths(host, own), own).map(({ generation, version }) => ({ generation, version }));
  return {
    program: ownVersion(),
    node: process.version,
    system: { platform: process.platform, release: os.release(), arch: process.arch },
    kiro,
  };
}

function settings(host: Host): Json {
  const own = settingsInForce(host);
  const proxy = own['proxy.url'];
  return {
    ...own,
    'content.rules': own['content.rules'].map(({ name }) => name),
    'proxy.url': proxy === null ? null : withoutPassword(proxy),
  };
}

function portal(host: Host): Json {
  const credential = readCredential(host.own);
  if (credential === undefined) return { enrolled: false };
  const { portal: address, org, deviceId, issuedAt, expiresAt } = credential;
  return { enrolled: true, address, org, deviceId, issuedAt, expiresAt };
}

function attachments(host: Host): Json {
  return readRecord(host).map(({ kind, file, workspace, time, state }) => ({ kind, file, workspace, time, state }));
}

async function outbox(host: Host): Promise<Json> {
  const state = await daemonState(host.own);
  if (typeof state === 'object') return { from: 'daemon', ...state.outbox, coverage: state.capture.coverage };
  if (!existsSync(host.own.database)) return { from: 'nothing' };
  const day = new Date(host.now().getTime() - COVERAGE_DAYS * DAY_MS).toISOString().slice(0, 10);
  const { waiting, rejected, sent, coverage } = summarizeOutbox(host.own.database, day);
  return { from: 'database', waiting, rejected, sent, coverage: coverage.map((each) => ({ ...each })) };
}

/** The last whole lines of a file of JSON lines; null when there is none. A line that is no JSON is a text. */
function logTail(file: string): { lines: Json[]; skipped: number } | null {
  if (!existsSync(file)) return null;
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - LOG_BYTES);
    const bytes = Buffer.alloc(size - from);
    readSync(fd, bytes, 0, bytes.length, from);
    const begin = from === 0 ? 0 : bytes.indexOf('\n') + 1;
    const lines = bytes.toString('utf8', begin).split('\n');
    return { lines: lines.filter((line) => line !== '').map(parseLine), skipped: from + begin };
  } finally {
    closeSync(fd);
  }
}

function parseLine(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return line;
  }
}
