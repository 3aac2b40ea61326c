import type { Host } from '../../../core/host.ts';
import { endAndStart } from '../../../relay/local-client.ts';
import { ago } from '../../say.ts';
import { type Check, type Finding, found, passed } from '../check.ts';
import type { DaemonLook } from '../gather-facts.ts';

export const daemonRunning: Check = {
  id: 'daemon.running',
  title: 'the daemon runs and works',
  why: "While it does not, nothing is sent; nothing is lost either, because Kiro's own record is read when it is back.",
  remedy: 'Start it; when it does not come up, its log says why.',
  needs: ['install.present'],
  async run(host, facts) {
    const look = await facts.daemon();
    const read = [host.own.endpoint, 'GET /v1/status on the local socket'];
    if (look.is !== 'up') return explain(look, read, host);
    const { pid, startedAt, supervised } = look.state;
    const by = supervised ? 'kept up by the service manager' : 'a process of its own';
    return passed(read, `process ${pid}, started ${ago(startedAt, host.now())}, ${by}`);
  },
};

function explain(look: Exclude<DaemonLook, { is: 'up' }>, read: string[], host: Host): Finding {
  const { log } = host.own;
  const again = { say: `Start it; its log is ${log}`, command: 'capsule-kiro start' };
  switch (look.is) {
    case 'down':
      return found('fail', read, ['no daemon answers'], again);
    case 'barred':
      return found('fail', read, [`its socket cannot be used: ${look.why}`], again);
    case 'hung':
      return found('fail', read, [`process ${look.pid ?? '?'} is there but does not answer`], {
        say: 'End it, and start it again; what it was doing is done again',
        command: endAndStart(look.pid, host.platform),
      });
    case 'stands-by': {
      const { why, fix } = look.state.standBy;
      return found('fail', read, [`it stands by: ${why}`], {
        say: fix ?? `Its log is ${log}; it tries again by itself each minute, and at once with`,
        command: 'capsule-kiro restart',
      });
    }
  }
}
