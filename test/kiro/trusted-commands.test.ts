import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../src/core/failure.ts';
import { addTrusted, readTrusted, removeTrusted } from '../../src/kiro/trusted-commands.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const isOurs = (command: string) => command === COMMAND;
const KEY = 'kiroAgent.trustedCommands';
const lines = (...parts: string[]) => parts.join('\n');

const layouts: { name: string; before: string | undefined; after: string }[] = [
  {
    name: 'a file that does not exist',
    before: undefined,
    after: lines('{', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}', ''),
  },
  {
    name: 'an empty file',
    before: '',
    after: lines('{', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}', ''),
  },
  {
    name: 'comments only',
    before: '// mine\n/* all\n mine */',
    after: lines('// mine', '/* all', ' mine */', '{', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}', ''),
  },
  {
    name: 'an empty object',
    before: '{}',
    after: lines('{', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}'),
  },
  {
    name: 'an empty object over two lines, with a comment',
    before: '{\n  // nothing yet\n}\n',
    after: lines('{', '  // nothing yet', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}', ''),
  },
  {
    name: 'other settings, two spaces',
    before: '{\n  "a": 1,\n  "b": { "c": 2 }\n}\n',
    after: lines('{', '  "a": 1,', '  "b": { "c": 2 },', `  "${KEY}": [`, `    "${COMMAND}"`, '  ]', '}', ''),
  },
  {
    name: 'tabs, a trailing comma and comments',
    before: '{\n\t"a": 1, // one\n\t/* two */ "b": 2, // and two\n\t// the end\n}',
    after: lines(
      '{',
      '\t"a": 1, // one',
      '\t/* two */ "b": 2, // and two',
      `\t"${KEY}": ["${COMMAND}"],`,
      '\t// the end',
      '}',
    ).replace(`\t"${KEY}": ["${COMMAND}"],`, `\t"${KEY}": [\n\t\t"${COMMAND}"\n\t],`),
  },
  {
    name: 'a comment behind the last setting',
    before: '{\n    "a": 1 // mine\n}\n',
    after: lines('{', '    "a": 1, // mine', `    "${KEY}": [`, `        "${COMMAND}"`, '    ]', '}', ''),
  },
  { name: 'everything on one line', before: '{"a": 1}', after: `{"a": 1, "${KEY}": ["${COMMAND}"]}` },
  {
    name: 'CRLF, a byte order mark, no final line break',
    before: '\uFEFF{\r\n  "a": 1\r\n}',
    after: `\uFEFF{\r\n  "a": 1,\r\n  "${KEY}": [\r\n    "${COMMAND}"\r\n  ]\r\n}`,
  },
  {
    name: 'a list on one line',
    before: `{"${KEY}": ["git status"]}`,
    after: `{"${KEY}": ["git status", "${COMMAND}"]}`,
  },
  { name: 'an empty list', before: `{"${KEY}": []}`, after: `{"${KEY}": ["${COMMAND}"]}` },
  {
    name: 'an empty list over two lines',
    before: `{\n  "${KEY}": [\n  ]\n}`,
    after: `{\n  "${KEY}": [\n    "${COMMAND}"\n  ]\n}`,
  },
  {
    name: 'a list with one item a line and a comment behind the last',
    before: `{\n  "${KEY}": [\n    "git *", // read only\n    "ls" // list\n  ]\n}`,
    after: `{\n  "${KEY}": [\n    "git *", // read only\n    "ls", // list\n    "${COMMAND}"\n  ]\n}`,
  },
  {
    name: 'a list with a trailing comma',
    before: `{\n  "${KEY}": [\n    "ls",\n  ],\n}`,
    after: `{\n  "${KEY}": [\n    "ls",\n    "${COMMAND}",\n  ],\n}`,
  },
  {
    name: 'a list that trusts everything',
    before: `{"${KEY}": ["*"]}`,
    after: `{"${KEY}": ["*", "${COMMAND}"]}`,
  },
  {
    name: 'the same key twice, of which the last counts',
    before: `{"${KEY}": ["${COMMAND}"], "${KEY}": ["ls"]}`,
    after: `{"${KEY}": ["${COMMAND}"], "${KEY}": ["ls", "${COMMAND}"]}`,
  },
  {
    name: 'our key in a comment, in a text and in an inner object',
    before: `{ // "${KEY}": []\n  "a": "\\"${KEY}\\": []",\n  "b": { "${KEY}": 1 }\n}`,
    after: `{ // "${KEY}": []\n  "a": "\\"${KEY}\\": []",\n  "b": { "${KEY}": 1 },\n  "${KEY}": [\n    "${COMMAND}"\n  ]\n}`,
  },
];

describe('trusting our command', () => {
  for (const { name, before, after } of layouts) {
    test(`adds only our entry to ${name}`, () => {
      expect(addTrusted(before, COMMAND, 'settings.json').text).toBe(after);
    });

    test(`changes nothing the second time in ${name}`, () => {
      expect(addTrusted(after, COMMAND, 'settings.json')).toEqual({ text: after, added: null });
    });

    if (name.startsWith('the same key twice')) continue;
    test(`gives back ${name}`, () => {
      const { added } = addTrusted(before, COMMAND, 'settings.json');
      expect(removeTrusted(after, isOurs, 'settings.json', added)).toBe(before ?? '');
    });
  }

  test('writes a Windows path with doubled backslashes', () => {
    const { text } = addTrusted('{"a":1}', '"%APPDATA%\\Kiro"', 'settings.json');
    expect(text).toBe(`{"a":1, "${KEY}": ["\\"%APPDATA%\\\\Kiro\\""]}`);
    expect(readTrusted(text, 'settings.json').commands).toEqual(['"%APPDATA%\\Kiro"']);
  });
});

describe('text that is left alone', () => {
  const refusals: [name: string, text: string, message: string][] = [
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', 'settings.json:3:3 does not parse: comma expected'],
    ['a file cut off in the middle', '{\n  "a": [1, 2', 'settings.json:2:13 does not parse'],
    ['merge markers', '<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs', 'settings.json:1:1 does not parse'],
    ['a list as root', '[]', 'settings.json:1:1: must hold one object'],
    ['a text as our list', `{\n  "${KEY}": "ls"\n}`, `settings.json:2:32: ${KEY} must be a list of texts`],
    ['null as our list', `{ "${KEY}": null }`, `settings.json:1:32: ${KEY} must be a list of texts`],
    ['numbers in our list', `{ "${KEY}": [1] }`, `settings.json:1:32: ${KEY} must be a list of texts`],
    ['a file of NUL bytes', '\0\0\0\0', 'settings.json:1:1 does not parse'],
    ['nesting without end', '['.repeat(200_000), 'settings.json is nested too deeply'],
    ['50 MiB', ' '.repeat(50 * 1024 * 1024), 'settings.json is 50 MiB large'],
  ];
  for (const [name, text, message] of refusals) {
    test(`is one with ${name}`, () => {
      const attempt = () => addTrusted(text, COMMAND, 'settings.json');
      expect(attempt).toThrow(message);
      expect(attempt).toThrow(expect.objectContaining({ name: Failure.name, code: 'file-unparsable' }));
    });
  }
});

describe('taking our command out', () => {
  const added = (before: string) => addTrusted(before, COMMAND, 'f').added;

  test('keeps what the user added around it in the meantime', () => {
    const before = '{\n  "a": 1 // mine\n}\n';
    const now = addTrusted(before, COMMAND, 'f')
      .text.replace('{\n', '{\n  "early": true,\n')
      .replace('}\n', '} // late\n');
    expect(removeTrusted(now, isOurs, 'f', added(before))).toBe('{\n  "early": true,\n  "a": 1 // mine\n} // late\n');
  });

  test('keeps commands that the user trusted after ours', () => {
    const now = `{\n  "${KEY}": [\n    "${COMMAND}",\n    "npm test" // mine\n  ]\n}`;
    expect(removeTrusted(now, isOurs, 'f', added('{\n}'))).toBe(`{\n  "${KEY}": [\n    "npm test" // mine\n  ]\n}`);
  });

  test('removes it from the middle of one line', () => {
    expect(removeTrusted(`{"${KEY}": ["a", "${COMMAND}", "b"]}`, isOurs, 'f', null)).toBe(`{"${KEY}": ["a", "b"]}`);
  });

  test('removes the last item of a list and the comma before it, but no comment', () => {
    const now = `{\n  "${KEY}": [\n    "a", // mine\n    "${COMMAND}"\n  ]\n}`;
    expect(removeTrusted(now, isOurs, 'f', null)).toBe(`{\n  "${KEY}": [\n    "a" // mine\n  ]\n}`);
  });

  test('leaves an empty list that was there before us', () => {
    expect(removeTrusted(`{"${KEY}": [\n "${COMMAND}",\n]}`, isOurs, 'f', null)).toBe(`{"${KEY}": [\n]}`);
  });

  test('removes the property that only we needed, wherever it is now', () => {
    const now = `{"${KEY}": [ "${COMMAND}" ], "z": 1}`;
    expect(removeTrusted(now, isOurs, 'f', added('{"z": 1}'))).toBe('{"z": 1}');
  });

  test('keeps a comment that the user wrote into our list', () => {
    const now = `{\n  "${KEY}": [\n    "${COMMAND}" // for Capsule\n  ]\n}`;
    expect(removeTrusted(now, isOurs, 'f', added('{\n}'))).toBe(`{\n  "${KEY}": [\n // for Capsule\n  ]\n}`);
  });

  test('removes it from every list when the key stands twice', () => {
    const now = `{"${KEY}": ["${COMMAND}"], "${KEY}": ["ls", "${COMMAND}"]}`;
    expect(removeTrusted(now, isOurs, 'f', null)).toBe(`{"${KEY}": [], "${KEY}": ["ls"]}`);
  });

  test('returns the same text when it is not there', () => {
    const now = `{ // ${COMMAND}\n "a": "${COMMAND}" }`;
    expect(removeTrusted(now, isOurs, 'f', added('{}'))).toBe(now);
  });

  test('refuses a file that does not parse', () => {
    expect(() => removeTrusted(`{"${KEY}": ["${COMMAND}"`, isOurs, 'f', null)).toThrow('does not parse');
  });
});

describe('reading trust', () => {
  test('gives the effective list and the denied texts', () => {
    const text = `{"${KEY}": ["a"], "kiroAgent.commandDenylist": ["rm"], "${KEY}": ["b *"]}`;
    expect(readTrusted(text, 'f')).toEqual({ commands: ['b *'], denylist: ['rm'] });
  });

  test('tells a file without a list from an empty list', () => {
    expect(readTrusted('{}', 'f').commands).toBeNull();
    expect(readTrusted(`{"${KEY}": []}`, 'f').commands).toEqual([]);
  });
});
