/** A portal as a process of its own, with its data in a folder, asked over HTTP. */
import { execFileSync, spawn } from 'node:child_process';
import { end, programWords } from './stage.ts';

export interface BenchPortal {
  address: string;
  /** An administrator's key. */
  key: string;
  /** The address of a sign-in link. */
  link: string;
  /** The organisation's, for agents to enrol. */
  token: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts it from the checkout; `folder` is for what the start itself needs, `more` further words of its command line. */
export async function startPortalProcess(
  data: string,
  folder: string,
  more: readonly string[] = [],
): Promise<BenchPortal> {
  const [program = '', ...words] = await programWords('checkout', folder);
  const say = (...args: string[]) =>
    execFileSync(program, [...words, 'portal', ...args, '--data', data], { encoding: 'utf8' }).trim();
  const key = say('key', '--role', 'admin');
  const token = say('token');
  const link = new URL(say('admin').match(/http\S+/)?.[0] ?? '');
  const portal = spawn(program, [...words, 'portal', '--port', '0', '--data', data, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await saidAddress(portal.stdout);
  return {
    ...{ address, key, token, pid: portal.pid ?? 0 },
    link: new URL(link.pathname + link.hash, address).href,
    stop: () => end(portal),
  };
}

/** The address in the portal's first words. */
function saidAddress(stdout: NodeJS.ReadableStream): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk) => {
      said += String(chunk);
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    stdout.once('end', () => reject(new Error(`the portal ended before it was ready: ${said}`)));
  });
}
