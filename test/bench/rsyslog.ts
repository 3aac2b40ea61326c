/** rsyslog beside ours: a Unix socket in, a synced disk queue, bulk HTTP out. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const PROGRAM = '/usr/sbin/rsyslogd';

export interface Rsyslog {
  child: ChildProcess;
  /** Sends so many lines over so many connections at once; resolves when all are written. */
  send(lines: number, atOnce: number, bytes: number): Promise<void>;
}

/** What is missing on this machine to run it, if anything. */
export function whyNoRsyslog(): string | null {
  if (!existsSync(PROGRAM)) return 'rsyslog is not installed (Debian: apt-get install rsyslog rsyslog-elasticsearch)';
  const { stdout } = spawnSync('find', ['/usr/lib', '-name', 'omelasticsearch.so'], { encoding: 'utf8' });
  return stdout.trim() === '' ? 'rsyslog-elasticsearch is not installed, without which rsyslog speaks no HTTP' : null;
}

export async function startRsyslog(folder: string, port: number): Promise<Rsyslog> {
  const work = path.join(folder, 'rsyslog');
  mkdirSync(work);
  const socket = path.join(work, 's');
  const config = path.join(work, 'rsyslog.conf');
  writeFileSync(config, configuration(work, socket, port));
  const child = spawn(PROGRAM, ['-n', '-f', config, '-i', path.join(work, 'pid')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (let n = 0; !existsSync(socket); n++) {
    if (n > 500) throw new Error('rsyslog did not open its socket in 5 seconds');
    await wait(10);
  }
  return {
    child,
    async send(lines, atOnce, bytes) {
      const line = `<13>Nov 24 12:00:00 host bench: ${'a'.repeat(bytes - 60)}\n`;
      await Promise.all(Array.from({ length: atOnce }, () => write(socket, line.repeat(Math.floor(lines / atOnce)))));
    },
  };
}

function configuration(work: string, socket: string, port: number): string {
  return `
global(workDirectory="${work}")
module(load="imptcp")
module(load="omelasticsearch")
template(name="json" type="string" string="{\\"message\\":\\"%rawmsg:::json%\\"}")
input(type="imptcp" path="${socket}" ruleset="out")
ruleset(name="out" queue.type="Disk" queue.filename="queue" queue.syncQueueFiles="on" queue.checkpointInterval="1"
        queue.maxDiskSpace="1g" queue.dequeueBatchSize="500") {
  action(type="omelasticsearch" server="http://127.0.0.1" serverport="${port}" bulkmode="on" template="json" searchIndex="i"
         action.resumeRetryCount="-1")
}
`;
}

/** Its queue of connections is short: who finds it full comes again. */
async function write(socket: string, text: string): Promise<void> {
  for (;;) {
    const connected = await new Promise<net.Socket | null>((resolve, reject) => {
      const connection = net.connect(socket, () => resolve(connection));
      connection.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EAGAIN' ? resolve(null) : reject(error),
      );
    });
    if (connected === null) await wait(1);
    else return new Promise((resolve) => connected.once('close', () => resolve()).end(text));
  }
}
