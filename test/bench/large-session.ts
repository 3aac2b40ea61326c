/** Run by session-1x.bench.ts as a program of its own, bundled as the product is: reads one large session to its end. */
import path from 'node:path';
import v8 from 'node:v8';
import { readSession } from '../../src/capture/read-session.ts';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import { benchContext, benchHost } from './surroundings.ts';

const [folderPath = '', level = 'redacted'] = process.argv.slice(2);
// As the daemon does.
v8.setFlagsFromString('--semi-space-growth-factor=1');
const folder = { id: path.basename(folderPath), path: folderPath, messages: path.join(folderPath, 'messages.jsonl') };
const context = benchContext(level === 'full' ? 'full' : 'redacted');
const before = process.memoryUsage.rss();
let cursor: SessionCursor | null = null;
let events = 0;
for (let more = true; more; ) {
  const read = await readSession(benchHost, folder, cursor, context);
  // Through the database, as JSON.
  cursor = JSON.parse(JSON.stringify(read.cursor)) as SessionCursor;
  more = read.more;
  events += read.events.length;
}
const peak = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ before, peak, events, seconds: process.uptime() }));
