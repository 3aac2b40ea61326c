import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { withRecord } from '../../src/kiro/attachment-record.ts';
import { planFile } from '../../src/kiro/place-file.ts';
import { hookFolder } from '../../src/kiro/workspace-folder.ts';
import { kiroHome, makeWorkspace } from '../helpers/kiro-home.ts';

test('a folder that becomes a link between planning and acting is not followed, not even to sweep up', () => {
  const { host } = kiroHome();
  const demo = makeWorkspace(host, 'demo');
  const folder = path.join(demo.path, '.kiro', 'hooks');
  const outside = path.join(host.home, 'outside');
  const victim = path.join(outside, '.capsule-stop.json.0123456789ab.tmp');
  for (const each of [folder, outside]) mkdirSync(each, { recursive: true });
  writeFileSync(victim, 'precious');
  withRecord(host, (record) => {
    const plan = planFile(
      { host, record },
      {
        kind: 'hook-workspace',
        file: path.join(folder, 'capsule-stop.json'),
        text: '{}',
        mode: 0o600,
        folderMode: 0o700,
        workspace: demo.path,
        isOurs: () => true,
        check: () => void hookFolder(demo.path),
      },
      false,
    );
    renameSync(folder, `${folder}.away`);
    symlinkSync(outside, folder);
    expect(() => plan.act?.()).toThrow(expect.objectContaining({ code: 'file-not-regular' }));
    expect(record.list()).toEqual([]);
  });
  expect(existsSync(victim)).toBe(true);
  expect(existsSync(path.join(outside, 'capsule-stop.json'))).toBe(false);
});
