import { ownVersion } from '../../../core/assets.ts';
import { isPlaced, thisProgram } from '../../place-program.ts';
import { type Check, found, passed } from '../check.ts';

export const daemonVersion: Check = {
  id: 'daemon.version',
  title: 'the daemon is of the same version as this program',
  why: 'After an update an older daemon goes on until it is started again.',
  remedy: 'Restart the daemon.',
  needs: ['daemon.running'],
  async run(host, facts) {
    const look = await facts.daemon();
    const theirs = look.is === 'up' ? look.state.version : 'unknown';
    const read = ['GET /v1/status on the local socket'];
    if (theirs === ownVersion()) return passed(read, `both are ${theirs}`);
    const said = [`the daemon is ${theirs}, this program ${ownVersion()}`];
    if (isPlaced(host, thisProgram(host))) {
      return found('warn', read, said, { say: 'Restart it', command: 'capsule-kiro restart' });
    }
    return found('warn', read, [...said, `${host.own.program} is another program than this one`], {
      say: 'Use that one, or put this one in its place',
      command: 'capsule-kiro install',
    });
  },
};
