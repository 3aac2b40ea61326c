import { type Check, skipped } from '../check.ts';

export const trustWorkspace: Check = {
  id: 'trust.workspace',
  title: 'Kiro 1.x trusts the folders you work in',
  why: 'In a folder that was opened as not trusted Kiro 1.x runs no hook, and says so nowhere but in its own log.',
  remedy:
    'Trust the folder in Kiro. Where Kiro keeps that is not known, so it shows only as a folder that never rings.',
  needs: ['settings.valid'],
  run(_host, facts) {
    if (!facts.kiro().some(({ generation }) => generation === 'ide-1.x')) return skipped('no Kiro 1.x here');
    return skipped('where Kiro keeps it is not known; a folder in which nothing rings is told by capture.coverage');
  },
};
