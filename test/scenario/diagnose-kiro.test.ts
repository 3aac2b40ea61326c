/** What is amiss with the Kiro of a machine, its lists and its record is told under its own id, and its own advice heals it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '../helpers/machine.ts';
import { healthyMachine } from '../helpers/sick-machine.ts';

test('a Kiro in an unusual place, one of another version, and lists that hold garbage are told', async () => {
  const sick = await healthyMachine();
  const { machine } = sick;
  const { home, userData, folder } = machine;
  const kiro = (version: string) => {
    const app = path.join(folder, 'apps', 'Kiro', 'resources', 'app');
    mkdirSync(app, { recursive: true });
    writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'Kiro', version }));
    return path.join(folder, 'apps', 'Kiro');
  };

  const storage = path.join(userData, 'User', 'globalStorage', 'storage.json');
  const list = readFileSync(storage);
  writeFileSync(storage, '{ "half": ');
  const registry = await sick.only('workspaces.registry');
  expect(registry.evidence[0]).toBe('~/.config/Kiro/User/globalStorage/storage.json is not JSON');
  writeFileSync(storage, list);

  rmSync(path.join(home, '.kiro', 'sessions'), { recursive: true });
  rmSync(path.join(userData, 'User', 'globalStorage', 'kiro.kiroagent'), { recursive: true });
  const found = await sick.only('kiro.found');
  expect(found.fix?.say).toContain('capsule-kiro config set kiro.appDir FOLDER');
  // Of this version the user's hook is enough.
  await machine.must(['config', 'set', 'kiro.appDir', kiro('1.0.411')]);
  const hook1x = path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.json');
  await until(() => readIfThere(hook1x) === undefined, 'what is not needed is taken away');
  await sick.healthy();

  // An older one reads the workspace's alone, and asks about what is not trusted.
  await machine.must(['stop']);
  kiro('0.11.107');
  const old = await sick.troubles();
  expect(old.map(({ id }) => id)).toEqual(['hook.workspace', 'trust.settings', 'daemon.running']);
  for (const check of old) await sick.obey(check);
  await sick.healthy();
});

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
