import { expect, test } from '@jest/globals';
import { captureSurroundings } from '../../src/cli/capture-surroundings.ts';
import { makeFolder } from '../../src/core/careful-file.ts';
import { changeSettings } from '../../src/core/settings.ts';
import { tempHost } from '../helpers/temp-home.ts';

const DEVICE = { id: 'device', redactionKey: Buffer.alloc(32) };
const NO_MEMORY = { of: () => undefined, keep() {} } as unknown as Parameters<typeof captureSurroundings>[2];

test('what is set holds for the next event, also for a reading that has begun, without waiting for a watch', () => {
  const host = tempHost();
  makeFolder(host.own.home);
  const around = captureSurroundings(host, DEVICE as unknown as Parameters<typeof captureSurroundings>[1], NO_MEMORY);
  const begun = around.context();
  expect(begun.levelFor('/work', 'ide-1.x')).toBe('redacted');
  changeSettings(host.own.settings, (own) => ({ ...own, 'content.level': 'metadata' }));
  expect(begun.levelFor('/work', 'ide-1.x')).toBe('metadata');
  changeSettings(host.own.settings, (own) => ({ ...own, 'content.level': 'off' }));
  expect(around.context().levelFor('/work', 'ide-1.x')).toBe('off');
});
