import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  editFile,
  makeFolder,
  readIfExists,
  removeTemporaries,
  replaceFile,
  writeOwnFile,
} from '../../src/core/careful-file.ts';
import { runs } from '../helpers/fuzz.ts';
import { runElsewhere, source } from '../helpers/other-process.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { isRoot, unprivileged } from '../helpers/unprivileged.ts';

const bytes = (text: string) => Buffer.from(text);
const mode = (file: string) => fs.statSync(file).mode & 0o7777;
const failure = (code: string, file?: string) =>
  expect.objectContaining({ code, ...(file !== undefined && { message: expect.stringContaining(file) }) });

function aFile(text = 'before', folder = tempFolder()): string {
  const file = path.join(folder, 'settings.json');
  fs.writeFileSync(file, text);
  return file;
}

/** What a fault must leave: the old bytes, and nothing else in the folder. */
function expectUntouched(file: string, text = 'before'): void {
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
  expect(fs.readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
}

describe('replacing a file', () => {
  test('puts any bytes in place of any bytes, keeps the mode, and leaves nothing beside it', () => {
    const file = aFile();
    const content = fc.uint8Array({ maxLength: 5_000 });
    fc.assert(
      fc.property(content, content, fc.integer({ min: 0, max: 0o177 }), (before, after, bits) => {
        fs.writeFileSync(file, before);
        fs.chmodSync(file, 0o600 | bits);
        replaceFile(file, after, before);
        expect(Buffer.compare(fs.readFileSync(file), after)).toBe(0);
        expect(mode(file)).toBe(0o600 | bits);
        expect(fs.readdirSync(path.dirname(file))).toHaveLength(1);
      }),
      runs(50),
    );
  });

  test('makes a new file owner-only unless told otherwise, whatever the umask', () => {
    const folder = tempFolder();
    const umask = process.umask(0o077);
    try {
      replaceFile(path.join(folder, 'secret'), bytes('x'), undefined);
      replaceFile(path.join(folder, 'unit'), bytes('x'), undefined, 0o644);
    } finally {
      process.umask(umask);
    }
    expect(mode(path.join(folder, 'secret'))).toBe(0o600);
    expect(mode(path.join(folder, 'unit'))).toBe(0o644);
  });

  test('writes through a chain of links, relative and absolute, and keeps them links', () => {
    const real = aFile('before', tempFolder());
    const folder = tempFolder();
    const [outer, inner] = [path.join(folder, 'outer'), path.join(folder, 'inner')];
    fs.symlinkSync(real, inner);
    fs.symlinkSync('inner', outer);
    replaceFile(outer, bytes('after'), bytes('before'));
    expect(fs.readFileSync(real, 'utf8')).toBe('after');
    expect(fs.readlinkSync(outer)).toBe('inner');
    expect(fs.readlinkSync(inner)).toBe(real);
    expect(fs.readdirSync(folder).sort()).toEqual(['inner', 'outer']);
  });

  test.each([
    ['nowhere', 'nothing'],
    ['to itself', 'link'],
  ])('refuses a link that leads %s', (_, target) => {
    const link = path.join(tempFolder(), 'link');
    fs.symlinkSync(target, link);
    expect(() => replaceFile(link, bytes('after'), undefined)).toThrow(failure('file-not-regular', link));
    expect(fs.readdirSync(path.dirname(link))).toEqual(['link']);
  });

  test('refuses a folder, a link to a folder, and a named pipe without waiting for its other end', () => {
    const folder = tempFolder();
    const [there, link, pipe] = ['folder', 'link', 'pipe'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    fs.mkdirSync(there);
    fs.symlinkSync(there, link);
    spawnSync('mkfifo', [pipe]);
    for (const each of [there, link, pipe]) {
      const told = failure('file-not-regular', each === link ? there : each);
      expect(() => replaceFile(each, bytes('after'), undefined)).toThrow(told);
    }
    expect(fs.readdirSync(folder).sort()).toEqual(['folder', 'link', 'pipe']);
  });

  test('refuses a file that has a second name, and parts neither from the other', () => {
    const file = aFile();
    const second = path.join(tempFolder(), 'second');
    fs.linkSync(file, second);
    expect(() => replaceFile(file, bytes('after'), bytes('before'))).toThrow(failure('file-not-regular', file));
    expectUntouched(file);
    expect(fs.statSync(second).ino).toBe(fs.statSync(file).ino);
  });

  test('refuses a file that is read-only, which a rename would not mind', () => {
    const file = aFile();
    fs.chmodSync(file, 0o440);
    expect(() => replaceFile(file, bytes('after'), bytes('before'))).toThrow(failure('file-unwritable', file));
    expectUntouched(file);
  });

  test('refuses a file of another user', () => {
    const file = aFile();
    const link = path.join(tempFolder(), 'link');
    // Only root can give a file away; anybody can point at one of root's.
    if (isRoot) fs.chownSync(file, 12_345, 12_345);
    fs.symlinkSync(isRoot ? file : '/etc/passwd', link);
    expect(() => replaceFile(link, bytes('after'), undefined)).toThrow(failure('file-not-regular', 'another user'));
    expectUntouched(file);
  });
});

describe('a file that another program changed meanwhile', () => {
  test('is left as that program wrote it', () => {
    const file = aFile('theirs');
    expect(() => replaceFile(file, bytes('ours'), bytes('what we read'))).toThrow(failure('file-moving', file));
    expectUntouched(file, 'theirs');
  });

  test('is left when it appeared, and not made again when it went', () => {
    const file = aFile('theirs');
    expect(() => replaceFile(file, bytes('ours'), undefined)).toThrow(failure('file-moving'));
    expectUntouched(file, 'theirs');
    fs.rmSync(file);
    expect(() => replaceFile(file, bytes('ours'), bytes('theirs'))).toThrow(failure('file-moving'));
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });

  test('is edited again from its fresh bytes, so that both changes survive', () => {
    const file = aFile('a');
    let others = 3;
    const { before, changed } = editFile(file, (now) => {
      if (others-- > 0) fs.appendFileSync(file, 'x');
      return bytes(`${now}!`);
    });
    expect(fs.readFileSync(file, 'utf8')).toBe('axxx!');
    expect([before?.toString(), changed]).toEqual(['axxx', true]);
  });

  test('and that never comes to rest is given up after five tries', () => {
    const file = aFile('');
    let tries = 0;
    const edit = () => {
      fs.writeFileSync(file, `theirs ${++tries}`);
      return bytes('ours');
    };
    expect(() => editFile(file, edit)).toThrow(failure('file-moving'));
    expectUntouched(file, 'theirs 5');
  });
});

describe('editing', () => {
  test('to the same bytes, or to nothing, writes nothing', () => {
    const file = aFile();
    fs.utimesSync(file, 1_000, 1_000);
    expect(editFile(file, (before) => before).changed).toBe(false);
    expect(editFile(file, () => undefined).changed).toBe(false);
    expect(fs.statSync(file).mtimeMs).toBe(1_000_000);
  });

  test('lets what the edit throws through, and leaves the file alone', () => {
    const file = aFile();
    const unsafe = () => {
      throw new Error('not like this');
    };
    expect(() => editFile(file, unsafe)).toThrow('not like this');
    expectUntouched(file);
  });

  test('begins a file that was missing', () => {
    const file = path.join(tempFolder(), 'new');
    expect(editFile(file, (before) => bytes(String(before))).changed).toBe(true);
    expect(fs.readFileSync(file, 'utf8')).toBe('undefined');
  });
});

describe('a fault while writing', () => {
  test('a folder that takes no files leaves the old file', () => {
    const file = aFile();
    fs.chmodSync(path.dirname(file), 0o555);
    unprivileged(() => {
      expect(() => replaceFile(file, bytes('after'), bytes('before'))).toThrow(failure('file-unwritable', file));
    });
    expectUntouched(file);
  });

  test('a file that may not be read is not taken for a missing one', () => {
    const file = aFile();
    fs.chmodSync(path.dirname(file), 0o755);
    fs.chmodSync(file, 0o200);
    unprivileged(() => expect(() => readIfExists(file)).toThrow(failure('file-unwritable', file)));
    expectUntouched(file);
  });

  test('a folder that is not there is reported by the file’s path', () => {
    const file = path.join(tempFolder(), 'none', 'settings.json');
    expect(() => replaceFile(file, bytes('after'), undefined)).toThrow(failure('file-unwritable', file));
  });

  const replaceElsewhere = (file: string) => `
    import { replaceFile } from ${source('core/careful-file.ts')};
    try {
      replaceFile(${JSON.stringify(file)}, Buffer.alloc(200_000, 'a'), Buffer.from('before'));
    } catch (error) {
      process.stdout.write(error.code + ' ' + error.cause.code);
    }`;

  test('a write that breaks off in the middle leaves the old file and no half of a new one', () => {
    const file = aFile();
    const ended = runElsewhere(replaceElsewhere(file), 'ulimit -f 8');
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'file-unwritable EFBIG' });
    expectUntouched(file);
  });

  const mounted = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  const onFullDisk = mounted ? test : test.skip;
  onFullDisk('a full disk leaves the old file (skipped where no disk may be mounted: run as root on Linux)', () => {
    const folder = tempFolder();
    const file = path.join(folder, 'settings.json');
    const onSmallDisk = `mount -t tmpfs -o size=64k none '${folder}' && printf before >'${file}'`;
    const ended = spawnSync(
      'unshare',
      [
        ...['-m', 'sh', '-c', `${onSmallDisk} && "$@"; ls -A '${folder}'; cat '${file}'`, 'sh'],
        ...[process.execPath, '--input-type=module', '-e', replaceElsewhere(file)],
      ],
      { encoding: 'utf8' },
    );
    expect(ended.stdout).toBe('file-unwritable ENOSPCsettings.json\nbefore');
  });

  test('a kill between writing and renaming leaves the old file; what lies beside it can be swept up', () => {
    const file = aFile();
    const ended = runElsewhere(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      fs.renameSync = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      const { replaceFile } = await import(${source('core/careful-file.ts')});
      replaceFile(${JSON.stringify(file)}, Buffer.from('after'), Buffer.from('before'));`);
    expect(ended.signal).toBe('SIGKILL');
    expect(fs.readdirSync(path.dirname(file))).toHaveLength(2);
    removeTemporaries(file);
    expectUntouched(file);
  });

  test('the bytes are on disk before the file gets its name', () => {
    const file = aFile();
    const { stdout } = runElsewhere(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      for (const name of ['writeFileSync', 'fsyncSync', 'renameSync']) {
        const real = fs[name];
        fs[name] = (...args) => (process.stdout.write(name + ' '), real(...args));
      }
      syncBuiltinESMExports();
      const { replaceFile } = await import(${source('core/careful-file.ts')});
      replaceFile(${JSON.stringify(file)}, Buffer.from('after'), Buffer.from('before'));`);
    expect(stdout).toBe('writeFileSync fsyncSync renameSync fsyncSync ');
  });
});

describe('sweeping up', () => {
  test('takes only what a replacement of this very file left', () => {
    const file = aFile();
    const folder = path.dirname(file);
    const ours = '.settings.json.0123456789ab.tmp';
    const theirs = [
      '.settings.json.swp',
      '.settings.json.0123456789AB.tmp',
      '.settings.json.bak.0123456789ab.tmp',
      '.other.json.0123456789ab.tmp',
      'settings.json.0123456789ab.tmp',
    ];
    for (const name of [ours, ...theirs]) fs.writeFileSync(path.join(folder, name), '');
    removeTemporaries(file);
    expect(fs.readdirSync(folder).sort()).toEqual([...theirs, 'settings.json'].sort());
  });

  test('finds them behind a link, beside the file it leads to', () => {
    const file = aFile();
    const left = path.join(path.dirname(file), '.settings.json.0123456789ab.tmp');
    fs.writeFileSync(left, 'half');
    const link = path.join(tempFolder(), 'link.json');
    fs.symlinkSync(file, link);
    removeTemporaries(link);
    expectUntouched(file);
  });

  test('of a folder that is not there does nothing', () => {
    expect(() => removeTemporaries(path.join(tempFolder(), 'none', 'file'))).not.toThrow();
  });
});

describe('our own files', () => {
  test('and the folders above them are owner-only', () => {
    const file = path.join(tempFolder(), 'a', 'b', 'credential.json');
    writeOwnFile(file, 'secret');
    expect([mode(file), mode(path.dirname(file)), mode(path.dirname(path.dirname(file)))]).toEqual([
      0o600, 0o700, 0o700,
    ]);
    writeOwnFile(file, 'another');
    expect(fs.readFileSync(file, 'utf8')).toBe('another');
  });

  test('a folder that is there already keeps its mode', () => {
    const folder = tempFolder();
    fs.chmodSync(folder, 0o755);
    makeFolder(folder);
    expect(mode(folder)).toBe(0o755);
  });

  test.each([
    ['below a file', () => aFile()],
    ['where nobody can make one', () => '/proc'],
  ])('a folder %s is a failure with the path that stopped it', (_, where) => {
    const stopped = path.join(where(), 'capsule-kiro');
    expect(() => makeFolder(path.join(stopped, 'more'))).toThrow(failure('file-unwritable', stopped));
  });
});
