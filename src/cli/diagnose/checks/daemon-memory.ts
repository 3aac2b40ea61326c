import { bytes } from '../../say.ts';
import { type Check, found, passed } from '../check.ts';

/** Several times what it needs in use. */
const MANY = 400 * 1024 * 1024;

export const daemonMemory: Check = {
  id: 'daemon.memory',
  title: 'the daemon takes little memory',
  why: 'A daemon that grows is a fault of ours, and a machine short of memory may end it.',
  remedy: 'Restart it, and report it.',
  needs: ['daemon.running'],
  async run(_host, facts) {
    const look = await facts.daemon();
    const used = look.is === 'up' ? look.state.memoryBytes : 0;
    const read = ['GET /v1/status on the local socket'];
    if (used < MANY) return passed(read, `${bytes(used)} in use`);
    return found('warn', read, [`${bytes(used)} in use`], {
      say: 'Restart it, and report it',
      command: 'capsule-kiro restart',
    });
  },
};
