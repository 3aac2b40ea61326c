/** Run by store-0x.bench.ts as a program of its own: reads a whole store of Kiro 0.x and prints the most memory it took, in MiB. */
import v8 from 'node:v8';
import type { Cursor } from '../../src/capture/session-source.ts';
import { source0x } from '../../src/capture/source-0x.ts';
import { benchContext, benchHost } from './surroundings.ts';

const [userData = ''] = process.argv.slice(2);
// As the daemon does.
v8.setFlagsFromString('--semi-space-growth-factor=1');
v8.setFlagsFromString('--heap-growing-percent=60');
const cursors = new Map<string, Cursor>();
const source = source0x(benchHost, () => [userData]);
for await (const { sessionId, read } of source.sweep({ get: (_, id) => cursors.get(id) ?? null }, benchContext()))
  cursors.set(sessionId, read.cursor);
process.stdout.write((process.resourceUsage().maxRSS / 1024).toFixed(0));
