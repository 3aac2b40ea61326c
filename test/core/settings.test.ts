import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/core/failure.ts';
import {
  checkSetting,
  DEFAULT_SETTINGS,
  isSettingName,
  parseSettings,
  readOwnSettings,
  readSettings,
  SETTING_NAMES,
  type SettingName,
} from '../../src/core/settings.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const VALUES: { [K in SettingName]: { good: unknown[]; bad: unknown[] } } = {
  'content.level': { good: ['full', 'redacted', 'metadata', 'off'], bad: ['', 'FULL', 'some', null, 1, ['full']] },
  'content.levels': {
    good: [{}, { '/home/me/private': 'off', '/srv': 'full' }],
    bad: [null, [], { private: 'off' }, { '/srv': 'some' }, { '/srv': null }, 'off'],
  },
  'content.rules': {
    good: [[], [{ name: 'badge', pattern: 'B-(?<secret>\\d{6})' }], [{ name: 'a-1', pattern: 'x', flags: 'i' }]],
    bad: [
      null,
      {},
      ['x'],
      [{ name: 'badge' }],
      [{ name: 'Badge No', pattern: 'x' }],
      [{ name: 'badge', pattern: '' }],
      [{ name: 'badge', pattern: '(' }],
      [{ name: 'badge', pattern: 'x', flags: 'g' }],
      [{ name: 'badge', pattern: 'x', level: 1 }],
    ],
  },
  'capture.cli': { good: [true, false], bad: ['true', 0, null, []] },
  'workspaces.exclude': {
    good: [[], ['/home/me/private'], ['/a', '/b c', '/ü']],
    bad: ['/home/me/private', null, [''], [1], ['private'], ['~/private'], { 0: '/a' }],
  },
  'workspaces.network': { good: [[], ['/mnt/team']], bad: ['/mnt/team', ['team'], null] },
  'capture.backfill': { good: [null, 1, 30, 3650], bad: [0, -1, 1.5, '30', '30d', 3651, Number.NaN] },
  'hooks.mode': { good: ['auto', 'workspace', 'user', 'both'], bad: ['none', null, true] },
  'kiro.appDir': { good: [null, '/opt/kiro'], bad: ['', 'kiro', '~/kiro', 7, ['/opt/kiro']] },
  'kiro.userDataDirs': { good: [[], ['/data/kiro']], bad: ['/data/kiro', ['kiro'], null] },
  'portal.url': {
    good: [null, 'https://capsule.example', 'http://127.0.0.1:4170/', 'https://capsule.example/prefix'],
    bad: ['', 'capsule.example', 'ftp://capsule.example', 'https://', 'javascript:alert(1)', 4170],
  },
  'proxy.url': {
    good: [null, 'http://proxy.example:3128', 'http://me:secret@proxy.example'],
    bad: ['proxy.example:3128', 7],
  },
  'proxy.bypass': { good: [null, 'localhost,.example,10.0.0.0/8'], bad: ['', 'a b\n', 7] },
  'otlp.endpoint': {
    good: [null, 'https://otel.example:4318', 'http://127.0.0.1:4318/otlp'],
    bad: ['', 'otel.example', 'ftp://otel.example', 'https://me:key@otel.example', 'https://otel.example/?key=1', 4318],
  },
  'otlp.headersFile': { good: [null, '/home/me/otlp-headers'], bad: ['', 'otlp-headers', {}] },
  'otlp.compression': { good: ['gzip', 'none'], bad: ['', 'zstd', true, null] },
  'portal.caFile': { good: [null, '/etc/ssl/company.pem'], bad: ['', 'company.pem', false] },
  'outbox.maxBytes': { good: [1, 200 * 1024 * 1024, 1e12], bad: [0, -1, '1', null, Number.POSITIVE_INFINITY] },
  'outbox.sentMaxBytes': { good: [0, 1, 5 * 1024 * 1024], bad: [-1, '1', null, Number.NaN] },
  'upgrade.auto': { good: [true, false], bad: ['yes', 1, null] },
  'outbox.maxAgeDays': { good: [0.5, 7, 365], bad: [0, -7, '7', null, Number.NaN] },
};

const rows = (kind: 'good' | 'bad') =>
  SETTING_NAMES.flatMap((name) => VALUES[name][kind].map((value) => [name, value] as [SettingName, unknown]));

describe('a setting', () => {
  test.each(rows('good'))('%s takes %j', (name, value) => {
    expect(() => checkSetting(name, value, 'here')).not.toThrow();
  });

  test.each(rows('bad'))('%s refuses %j and says what it expects', (name, value) => {
    const told = expect.objectContaining({
      code: 'config-invalid',
      message: expect.stringMatching(new RegExp(`^here: ${name.replace('.', '\\.')} must be \\w+`)),
    });
    expect(() => checkSetting(name, value, 'here')).toThrow(told);
  });

  test('of rules names the one that does not work', () => {
    const rules = [
      { name: 'good', pattern: 'x' },
      { name: 'broken', pattern: '(x' },
    ];
    expect(() => checkSetting('content.rules', rules, 'here')).toThrow(/the rule broken does not work: .*\(x/);
  });

  test('has a default that it would take itself', () => {
    for (const name of SETTING_NAMES) expect(() => checkSetting(name, DEFAULT_SETTINGS[name], 'default')).not.toThrow();
    expect(Object.keys(DEFAULT_SETTINGS).sort()).toEqual([...SETTING_NAMES].sort());
  });

  test.each(['content.levle', '', 'constructor', '__proto__', 'toString'])('called %j does not exist', (name) => {
    expect(isSettingName(name)).toBe(false);
    expect(() => checkSetting(name, 'x', 'here')).toThrow(
      expect.objectContaining({ code: 'config-invalid', hint: expect.stringContaining('content.level') }),
    );
  });
});

describe('the settings file', () => {
  const file = (text: string) => {
    const at = path.join(tempFolder(), 'settings.json');
    writeFileSync(at, text);
    return at;
  };

  test('that does not exist says nothing, and the defaults hold', () => {
    const none = path.join(tempFolder(), 'settings.json');
    expect(readOwnSettings(none)).toEqual({});
    expect(readSettings(none)).toEqual(DEFAULT_SETTINGS);
  });

  test('overrides only what it names', () => {
    const at = file('{"content.level": "off", "outbox.maxAgeDays": 2}');
    expect(readOwnSettings(at)).toEqual({ 'content.level': 'off', 'outbox.maxAgeDays': 2 });
    expect(readSettings(at)).toEqual({ ...DEFAULT_SETTINGS, 'content.level': 'off', 'outbox.maxAgeDays': 2 });
  });

  test.each([
    ['nothing at all', '', /is not valid JSON/],
    ['half an object', '{"content.level": "o', /is not valid JSON/],
    ['a list', '["content.level"]', /must hold one JSON object/],
    ['a text', '"off"', /must hold one JSON object/],
    ['null', 'null', /must hold one JSON object/],
    ['a setting nobody knows', '{"content.levle": "off"}', /there is no setting called content\.levle/],
    ['a value that does not fit', '{"content.level": "none"}', /content\.level must be one of full, redacted/],
    ['a prototype', '{"__proto__": {"content.level": "full"}}', /there is no setting called __proto__/],
  ])('that holds %s is refused by its path', (_, text, why) => {
    const at = file(text);
    const told = { code: 'config-invalid', message: expect.stringContaining(at) };
    expect(() => readSettings(at)).toThrow(expect.objectContaining(told));
    expect(() => readSettings(at)).toThrow(why);
  });

  test('of any content gives settings that fit, or a failure, and nothing else', () => {
    const name = fc.oneof(fc.constantFrom(...SETTING_NAMES), fc.string());
    const value = fc.oneof(fc.constantFrom('full', 'auto', '/a', null, 5), fc.jsonValue());
    const settings = fc.dictionary(name, value).map((object) => JSON.stringify(object));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), settings), (text) => {
        try {
          for (const [key, value] of Object.entries(parseSettings(text, 'f'))) checkSetting(key, value, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });
});
