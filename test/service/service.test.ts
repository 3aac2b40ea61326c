import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { registeredServices, servicesHere } from '../../src/service/service.ts';
import { tempHost } from '../helpers/temp-home.ts';

const kinds = (services: { kind: string }[]) => services.map(({ kind }) => kind);
const systemd = existsSync('/run/systemd/system') ? ['systemd'] : [];

test('each system has its ways, the best first', () => {
  expect(kinds(servicesHere(tempHost({ platform: 'darwin' })))).toEqual(['launchd']);
  expect(kinds(servicesHere(tempHost({ platform: 'win32' })))).toEqual(['task-scheduler', 'run-key']);
});

test('Linux has a desktop’s autostart where there is a desktop, and nothing in a container', () => {
  const bare = tempHost({ platform: 'linux' });
  expect(kinds(servicesHere(bare))).toEqual(systemd);
  const desktop = { ...bare, env: { ...bare.env, XDG_CURRENT_DESKTOP: 'XFCE' } };
  expect(kinds(servicesHere(desktop))).toEqual([...systemd, 'xdg-autostart']);
});

test('what is registered is known by its file, also in a session that could not register it', () => {
  const host = tempHost({ platform: 'linux' });
  expect(registeredServices(host)).toEqual([]);
  const file = path.join(host.home, '.config', 'autostart', 'capsule-kiro.desktop');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  expect(kinds(registeredServices(host))).toEqual(['xdg-autostart']);
  expect(registeredServices({ ...host, platform: 'win32' })).toEqual([]);
});
