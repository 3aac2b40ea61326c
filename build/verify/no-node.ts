/** A `PATH` with everything that this machine's has, but no Node. */
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const NODE = /^(node|nodejs|npm|npx|corepack)$/;

/** Fills `folder` with links to every program of the usual folders but Node's, and answers the `PATH` for it. */
export function pathWithoutNode(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const seen = new Set<string>();
  for (const bin of ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    for (const name of readdirSync(bin)) {
      if (seen.has(name) || NODE.test(name)) continue;
      seen.add(name);
      symlinkSync(path.join(bin, name), path.join(folder, name));
    }
  }
  return folder;
}
