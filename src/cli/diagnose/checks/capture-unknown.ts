import { type Check, found, passed } from '../check.ts';

export const captureUnknown: Check = {
  id: 'capture.unknown',
  title: 'Kiro writes nothing that this version does not know',
  why: 'Records of an unknown kind become no event; all others are told as ever.',
  remedy: 'Update capsule-kiro; when it is the newest, report the names.',
  needs: ['daemon.running'],
  async run(_host, facts) {
    const look = await facts.daemon();
    const unknown = look.is === 'up' ? Object.entries(look.state.capture.unknown) : [];
    const read = ['GET /v1/status on the local socket'];
    if (unknown.length === 0) return passed(read);
    const said = unknown.toSorted(([, a], [, b]) => b - a).map(([name, n]) => `${name}: ${n}`);
    return found('warn', read, said, { say: 'Update capsule-kiro; when it is the newest, report these names' });
  },
};
