import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addLine, excludeLine, findExcludeFile, removeLine } from '../../src/kiro/git-exclude.ts';
import { tempFolder } from '../helpers/temp-home.ts';

function makeGitDir(folder: string) {
  mkdirSync(path.join(folder, 'objects'), { recursive: true });
  writeFileSync(path.join(folder, 'HEAD'), 'ref: refs/heads/main\n');
}

const setUp = () => {
  const top = realpathSync(tempFolder());
  makeGitDir(path.join(top, 'repo', '.git'));
  return { top, repo: path.join(top, 'repo'), exclude: path.join(top, 'repo', '.git', 'info', 'exclude') };
};

describe("a repository's private list of ignored files", () => {
  test('is in its .git folder', () => {
    const { repo, exclude } = setUp();
    expect(findExcludeFile(repo)).toEqual({ file: exclude, top: repo });
  });

  test('is that of the folder above for a workspace inside a repository', () => {
    const { repo, exclude } = setUp();
    const inner = path.join(repo, 'packages', 'one');
    mkdirSync(inner, { recursive: true });
    expect(findExcludeFile(inner)).toEqual({ file: exclude, top: repo });
  });

  test("is the main repository's for a linked worktree", () => {
    const { top, repo, exclude } = setUp();
    const gitDir = path.join(repo, '.git', 'worktrees', 'two');
    mkdirSync(gitDir, { recursive: true });
    writeFileSync(path.join(gitDir, 'HEAD'), 'ref: refs/heads/two\n');
    writeFileSync(path.join(gitDir, 'commondir'), '../..\n');
    const worktree = path.join(top, 'two');
    mkdirSync(worktree);
    writeFileSync(path.join(worktree, '.git'), `gitdir: ${gitDir}\n`);
    expect(findExcludeFile(worktree)).toEqual({ file: exclude, top: worktree });
  });

  test("is the submodule's own for a submodule, whose path is relative", () => {
    const { repo } = setUp();
    makeGitDir(path.join(repo, '.git', 'modules', 'lib'));
    const lib = path.join(repo, 'lib');
    mkdirSync(lib);
    writeFileSync(path.join(lib, '.git'), 'gitdir: ../.git/modules/lib\n');
    expect(findExcludeFile(lib)).toEqual({
      file: path.join(repo, '.git', 'modules', 'lib', 'info', 'exclude'),
      top: lib,
    });
  });

  test('is not sought where there is no repository', () => {
    const { top } = setUp();
    expect(findExcludeFile(top)).toBeNull();
  });

  test('is not sought in a folder that a .git file claims to be a repository and is none', () => {
    const { top } = setUp();
    const trap = path.join(top, 'trap');
    mkdirSync(path.join(top, '.ssh'));
    mkdirSync(trap);
    writeFileSync(path.join(trap, '.git'), 'gitdir: ../.ssh\n');
    expect(findExcludeFile(trap)).toBeNull();
  });

  for (const [name, garbage] of [
    ['empty', ''],
    ['without a path', 'gitdir: \n'],
    ['that leads nowhere', 'gitdir: /nowhere\n'],
    ['of garbage', '\0\0'],
  ] as const) {
    test(`is not found through a .git file ${name}`, () => {
      const { top } = setUp();
      writeFileSync(path.join(top, '.git'), garbage);
      expect(findExcludeFile(top)).toBeNull();
    });
  }

  for (const place of ['.git', '.git/info', '.git/info/exclude']) {
    test(`is refused when ${place} is a link`, () => {
      const top = realpathSync(tempFolder());
      const elsewhere = path.join(top, 'elsewhere');
      const repo = path.join(top, 'repo');
      makeGitDir(place === '.git' ? elsewhere : path.join(repo, '.git'));
      mkdirSync(path.dirname(path.join(repo, place)), { recursive: true });
      mkdirSync(elsewhere, { recursive: true });
      symlinkSync(elsewhere, path.join(repo, place));
      expect(() => findExcludeFile(repo)).toThrow(expect.objectContaining({ code: 'file-not-regular' }));
    });
  }
});

describe('the line for a file', () => {
  test('begins at the top of the repository', () => {
    expect(excludeLine('/r', '/r/sub dir/.kiro/hooks/x.json')).toBe('/sub dir/.kiro/hooks/x.json');
  });

  test('takes the meaning from characters that are patterns to git', () => {
    expect(excludeLine('/r', '/r/[a]*?\\/x')).toBe('/\\[a]\\*\\?\\\\/x');
  });

  test('cannot be written for a folder with a line break in its name', () => {
    expect(excludeLine('/r', '/r/a\nb/x')).toBeNull();
  });
});

describe('adding and removing the line', () => {
  const line = '/sub/.kiro/hooks/capsule-stop.json';
  const text = fc.array(fc.constantFrom('# a', '*.log', '', ' ', line.slice(1), `${line}x`, 'ü', '\xff'), {
    maxLength: 5,
  });
  const file = fc
    .tuple(text, fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, eol, end]) => Buffer.from(lines.join(eol) + (end ? eol : ''), 'latin1'));

  test('gives back every byte, in any layout', () => {
    fc.assert(
      fc.property(fc.option(file, { nil: undefined }), (before) => {
        const edit = addLine(before, line);
        expect(edit?.bytes.toString('latin1').split(/\r?\n/)).toContain(line);
        expect(removeLine(edit?.bytes ?? Buffer.alloc(0), line, edit?.added ?? '')).toEqual(before ?? Buffer.alloc(0));
      }),
    );
  });

  test('adds it once', () => {
    expect(addLine(addLine(undefined, line)?.bytes, line)).toBeNull();
  });

  test('removes the line alone when more was written behind it', () => {
    expect(removeLine(Buffer.from(`a\n${line}\nb\n`), line, `${line}\n`).toString()).toBe('a\nb\n');
  });
});
