import { count } from '../../say.ts';
import { type Check, found, passed } from '../check.ts';

export const captureUnknown: Check = {
  id: 'capture.unknown',
  title: 'Kiro writes nothing that this version does not know or cannot read',
  why: 'Records of an unknown kind, and malformed or far too long ones, become no event; all others are told as ever.',
  remedy: 'Update capsule-kiro; when it is the newest, report the names.',
  needs: ['daemon.running'],
  async run(_host, facts) {
    const look = await facts.daemon();
    const { unknown, skippedLines } = look.is === 'up' ? look.state.capture : { unknown: {}, skippedLines: 0 };
    const read = ['GET /v1/status on the local socket'];
    const names = Object.entries(unknown).toSorted(([, a], [, b]) => b - a);
    const unreadable = skippedLines === 0 ? [] : [`${count(skippedLines, 'record')} malformed or too long`];
    const said = [...unreadable, ...names.map(([name, n]) => `${name}: ${n}`)];
    if (said.length === 0) return passed(read);
    return found('warn', read, said, { say: 'Update capsule-kiro; when it is the newest, report these names' });
  },
};
