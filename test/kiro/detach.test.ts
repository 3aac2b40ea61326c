import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { attach, attachWorkspaces } from '../../src/kiro/attach.ts';
import { readRecord } from '../../src/kiro/attachment-record.ts';
import { detach } from '../../src/kiro/detach.ts';
import { ALL_HOOKS, DISPATCHER, kiroHome, makeWorkspace, picture } from '../helpers/kiro-home.ts';

const SETTINGS = '{\r\n\t"a": 1, // mine\r\n}';

function attached(settings: string | undefined = SETTINGS) {
  const home = kiroHome(settings);
  const demo = makeWorkspace(home.host, 'demo');
  mkdirSync(path.join(demo.path, '.git', 'objects'), { recursive: true });
  writeFileSync(path.join(demo.path, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  const before = picture(home.host.home, home.host.own.home);
  const again = (force = false) =>
    attach(home.host, { paths: home.paths, hooks: ALL_HOOKS, workspaces: [demo], dispatcher: DISPATCHER, force });
  again();
  return { ...home, demo, before, again, exclude: path.join(demo.path, '.git', 'info', 'exclude') };
}

const withoutTimes = (it: Record<string, string>) =>
  Object.fromEntries(Object.entries(it).map(([file, what]) => [file, what.replace(/ [\d.]+ /, ' ')]));

describe('detaching', () => {
  test('leaves every file and folder as it was before, byte for byte', () => {
    const { host, before } = attached();
    expect(detach(host).filter((change) => change.result !== 'done')).toEqual([]);
    expect(withoutTimes(picture(host.home, host.own.home))).toEqual(withoutTimes(before));
    expect(readRecord(host)).toEqual([]);
  });

  test('removes settings, exclude list and folders that only we made', () => {
    const { host, before, settingsFile } = attached(undefined);
    expect(existsSync(settingsFile)).toBe(true);
    detach(host);
    expect(withoutTimes(picture(host.home, host.own.home))).toEqual(withoutTimes(before));
  });

  test('takes hooks away first, then trust, exclusions, the dispatcher, and folders last', () => {
    const { host } = attached();
    const steps = detach(host).map((change) => change.step);
    const order = ['hook-workspace', 'hook-user', 'trust', 'git-exclude', 'dispatcher', 'folder'];
    expect([...new Set(steps)]).toEqual(order);
  });

  test('says in a dry run what it would do, and does nothing', () => {
    const { host } = attached();
    const before = picture(host.home, 'nothing');
    const changes = detach(host, { dryRun: true });
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.every((change) => change.result === 'planned')).toBe(true);
    expect(withoutTimes(picture(host.home, host.own.home))).toEqual(
      withoutTimes(Object.fromEntries(Object.entries(before).filter(([file]) => !file.startsWith(host.own.home)))),
    );
  });

  test('without a record there is nothing to do, and no record is made', () => {
    const { host } = kiroHome('{}');
    expect(detach(host)).toEqual([]);
    expect(existsSync(host.own.home)).toBe(false);
  });

  test('a second time there is nothing to do', () => {
    const { host } = attached();
    detach(host);
    expect(detach(host)).toEqual([]);
  });

  test('can undo one workspace alone', () => {
    const { host, demo, exclude, settingsFile } = attached();
    detach(host, { select: (all) => all.filter((change) => change.workspace === demo.path) });
    expect(existsSync(path.join(demo.path, '.kiro'))).toBe(false);
    expect(existsSync(exclude)).toBe(false);
    expect(readFileSync(settingsFile, 'utf8')).toContain('capsule-dispatch');
  });
});

describe('detaching after edits', () => {
  test('keeps what was added to the settings and takes our entry alone', () => {
    const { host, settingsFile } = attached();
    const edited = readFileSync(settingsFile, 'utf8').replace('"a": 1', '"a": 2, "b": [ ]');
    writeFileSync(settingsFile, edited);
    detach(host);
    expect(readFileSync(settingsFile, 'utf8')).toBe('{\r\n\t"a": 2, "b": [ ], // mine\r\n}');
  });

  test('leaves settings in which our entry is gone', () => {
    const { host, settingsFile } = attached();
    writeFileSync(settingsFile, '{"b": 2}');
    const change = detach(host).find(({ step }) => step === 'trust');
    expect(change).toMatchObject({ result: 'already', detail: 'our entry is gone already' });
    expect(readFileSync(settingsFile, 'utf8')).toBe('{"b": 2}');
  });

  test('leaves settings that no longer parse, says so, and keeps them in the record for the next time', () => {
    const { host, settingsFile } = attached();
    const broken = readFileSync(settingsFile, 'utf8').slice(0, -1);
    writeFileSync(settingsFile, broken);
    expect(detach(host).filter((change) => change.result === 'failed')).toMatchObject([
      { step: 'trust', failure: { code: 'file-unparsable' } },
    ]);
    expect(readFileSync(settingsFile, 'utf8')).toBe(broken);
    writeFileSync(settingsFile, `${broken}}`);
    detach(host);
    expect(readFileSync(settingsFile, 'utf8')).toBe(SETTINGS);
  });

  test('does not make settings anew that were deleted', () => {
    const { host, settingsFile } = attached();
    rmSync(settingsFile);
    detach(host);
    expect(existsSync(settingsFile)).toBe(false);
  });

  test("keeps another's hook that was added to our file", () => {
    const { host, paths } = attached();
    const file = path.join(paths.userHooks, 'capsule-stop.json');
    const mine = '{ "name": "mine", "trigger": "Stop", "action": { "type": "command", "command": "say hi" } }';
    writeFileSync(file, readFileSync(file, 'utf8').replace('"hooks": [', `"hooks": [\n    ${mine},`));
    detach(host);
    expect(readFileSync(file, 'utf8')).toBe(`{\n  "version": "v1",\n  "hooks": [\n    ${mine}\n  ]\n}\n`);
  });

  test("leaves a file that is somebody else's now, and says which to delete", () => {
    const { host, paths } = attached();
    const file = path.join(paths.userHooks, 'capsule-stop.json');
    writeFileSync(file, '{"version": "v1", "hooks": []}');
    expect(detach(host).find((change) => change.file === file)).toMatchObject({
      result: 'skipped',
      detail: `it is not ours any more; delete ${file} if it should be`,
    });
    expect(existsSync(file)).toBe(true);
  });

  test('removes a hook of ours that its user changed, for it would call a program that is gone', () => {
    const { host, demo } = attached();
    const file = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
    writeFileSync(file, readFileSync(file, 'utf8').replace('10', '30'));
    detach(host);
    expect(existsSync(file)).toBe(false);
  });

  test('keeps folders that somebody else uses by now', () => {
    const { host, demo } = attached();
    writeFileSync(path.join(demo.path, '.kiro', 'steering.md'), 'mine');
    detach(host);
    expect(existsSync(path.join(demo.path, '.kiro', 'hooks'))).toBe(false);
    expect(readFileSync(path.join(demo.path, '.kiro', 'steering.md'), 'utf8')).toBe('mine');
  });

  test('removes nothing behind a folder that became a link since', () => {
    const { host, demo } = attached();
    const outside = path.join(host.home, 'outside');
    mkdirSync(path.join(outside, 'hooks'), { recursive: true });
    const victim = path.join(outside, 'hooks', 'capsule-stop.json');
    writeFileSync(victim, readFileSync(path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json')));
    rmSync(path.join(demo.path, '.kiro'), { recursive: true });
    symlinkSync(outside, path.join(demo.path, '.kiro'));
    detach(host);
    expect(existsSync(victim)).toBe(true);
  });

  test('remembers the folders around a hook that could not be removed, and takes them the next time', () => {
    const { host, demo, before } = attached();
    const hook = path.join(demo.path, '.kiro', 'hooks', 'capsule-stop.json');
    rmSync(hook);
    mkdirSync(hook);
    expect(detach(host).filter((change) => change.result === 'failed')).toMatchObject([{ file: hook }]);
    rmSync(hook, { recursive: true });
    detach(host);
    expect(Object.keys(picture(host.home, host.own.home))).toEqual(Object.keys(before));
    expect(readRecord(host)).toEqual([]);
  });

  test('remembers a workspace that is not there at the moment', () => {
    const { host, demo } = attached();
    rmSync(demo.path, { recursive: true });
    expect(detach(host).filter((change) => change.result === 'skipped').length).toBeGreaterThan(0);
    expect(readRecord(host).every((change) => change.workspace === demo.path)).toBe(true);
  });
});

describe('an exclusion from commits', () => {
  test('that its user removed is not put back', () => {
    const { exclude, again } = attached();
    writeFileSync(exclude, '# mine\n');
    again();
    expect(readFileSync(exclude, 'utf8')).toBe('# mine\n');
  });

  test('is made up for when the folder becomes a repository only after it was attached', () => {
    const { host, demo, exclude, before } = attached();
    detach(host);
    rmSync(path.join(demo.path, '.git'), { recursive: true });
    const look = () => attachWorkspaces(host, { hooks: ALL_HOOKS, workspaces: [demo] }).map((change) => change.result);
    expect(look()).toEqual(['done', 'done']);
    mkdirSync(path.join(demo.path, '.git', 'objects'), { recursive: true });
    writeFileSync(path.join(demo.path, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    expect(look()).toEqual(['done', 'already', 'done', 'already']);
    expect(readFileSync(exclude, 'utf8')).toContain('/.kiro/hooks/capsule-stop.json\n');
    writeFileSync(exclude, '');
    expect(look()).toEqual(['skipped', 'already', 'skipped', 'already']);
    detach(host);
    expect(Object.keys(picture(host.home, host.own.home))).toEqual(expect.arrayContaining(Object.keys(before)));
  });

  test('gives back a list without a line break at its end, in whatever order our lines go', () => {
    for (const first of ['capsule-stop.kiro.hook', 'capsule-stop.json']) {
      const home = attached();
      detach(home.host);
      rmSync(home.host.own.home, { recursive: true });
      mkdirSync(path.dirname(home.exclude));
      writeFileSync(home.exclude, '# mine');
      home.again();
      detach(home.host, { select: (all) => all.filter(({ entry }) => entry.endsWith(first)) });
      detach(home.host);
      expect(readFileSync(home.exclude, 'utf8')).toBe('# mine');
    }
  });

  test('goes alone when its user wrote more into the list', () => {
    const { host, exclude } = attached();
    expect(readFileSync(exclude, 'utf8')).toBe('/.kiro/hooks/capsule-stop.kiro.hook\n/.kiro/hooks/capsule-stop.json\n');
    writeFileSync(exclude, `${readFileSync(exclude, 'utf8')}notes.txt\n`);
    detach(host);
    expect(readFileSync(exclude, 'utf8')).toBe('notes.txt\n');
  });
});

describe('the snapshot', () => {
  test('is taken before the first change ever and never replaced', () => {
    const { host, settingsFile, again } = attached();
    const [kept] = Object.entries(picture(host.own.snapshots, 'nothing')).filter(([file]) =>
      file.endsWith('settings.json'),
    );
    expect(kept?.[1]).toMatch(/^100600 /);
    expect(kept?.[1].endsWith(SETTINGS)).toBe(true);
    detach(host);
    writeFileSync(settingsFile, '{"later": true}');
    again();
    expect(readFileSync(kept?.[0] ?? '', 'utf8')).toBe(SETTINGS);
  });
});

describe('being killed in the middle', () => {
  /** As a process that was killed leaves it: the intent is in the record, the file is written or is not yet. */
  const interrupt = (home: ReturnType<typeof attached>, before: 'file' | 'record') => {
    if (before === 'file') writeFileSync(home.settingsFile, SETTINGS);
    const database = new DatabaseSync(home.host.own.attachments);
    database.exec("UPDATE change SET state = 'intended' WHERE kind = 'trust'");
    database.close();
  };

  for (const what of ['file', 'record'] as const) {
    test(`before the ${what} was written loses nothing: detaching gives back every byte`, () => {
      const home = attached();
      interrupt(home, what);
      detach(home.host);
      expect(readFileSync(home.settingsFile, 'utf8')).toBe(SETTINGS);
    });

    test(`before the ${what} was written loses nothing: attaching again completes it`, () => {
      const home = attached();
      interrupt(home, what);
      home.again();
      expect(readFileSync(home.settingsFile, 'utf8').match(/capsule-dispatch/g)).toHaveLength(1);
      detach(home.host);
      expect(readFileSync(home.settingsFile, 'utf8')).toBe(SETTINGS);
    });
  }

  test('a temporary file left beside the settings is swept away', () => {
    const home = attached();
    const left = path.join(path.dirname(home.settingsFile), '.settings.json.0123456789ab.tmp');
    writeFileSync(left, 'half');
    detach(home.host);
    expect(existsSync(left)).toBe(false);
  });

  test('when the record is lost, what is in the own folders of the user is still known and removed', () => {
    const { host, before, again, demo } = attached();
    rmSync(host.own.home, { recursive: true });
    rmSync(path.join(demo.path, '.kiro'), { recursive: true });
    rmSync(path.join(demo.path, '.git', 'info'), { recursive: true });
    again();
    detach(host);
    const files = Object.keys(picture(host.home, host.own.home)).filter((file) => !(file in before));
    expect(files.filter((file) => path.basename(file).startsWith('capsule'))).toEqual([]);
  });
});
