/** Run by the stores' measurements as a program of its own: reads a whole store and prints the most memory it took, in MiB. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import type { Cursor } from '../../src/capture/session-source.ts';
import { source0x } from '../../src/capture/source-0x.ts';
import { sourceCli2 } from '../../src/capture/source-cli2.ts';
import { benchContext, benchHost } from './surroundings.ts';

const [store = '', folder = ''] = process.argv.slice(2);
// As the daemon does.
v8.setFlagsFromString('--semi-space-growth-factor=1');
v8.setFlagsFromString('--heap-growing-percent=60');
const cursors = new Map<string, Cursor>();
const database = path.join(folder, 'data.sqlite3');
const places = { cliSessions: [folder], cliDatabases: existsSync(database) ? [database] : [] };
const source =
  store === 'cli-2'
    ? sourceCli2(
        benchHost,
        () => places,
        () => true,
      )
    : source0x(benchHost, () => [folder]);
let events = 0;
for await (const { sessionId, read } of source.sweep({ get: (_, id) => cursors.get(id) ?? null }, benchContext())) {
  cursors.set(sessionId, read.cursor);
  events += read.events.length;
}
if (events === 0) throw new Error('nothing was read');
process.stdout.write((process.resourceUsage().maxRSS / 1024).toFixed(0));
