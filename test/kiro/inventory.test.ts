import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readInventory } from '../../src/kiro/inventory.ts';
import { frontMatter } from '../../src/kiro/inventory-markdown.ts';
import { workspaceHash } from '../../src/kiro/inventory-trust.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function given(files: Record<string, string>) {
  const home = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    writeFileSync(path.join(home, name), text);
  }
  const root = path.join(home, 'demo');
  const read = (roots = [root]) =>
    readInventory({
      dotKiro: path.join(home, '.kiro'),
      roots,
      userSettingsFiles: [path.join(home, 'User', 'settings.json')],
      platform: 'linux',
      isOurs: (command) => command.includes('capsule-dispatch'),
    });
  return { home, root, read };
}

const NOTHING = { mcpServers: [], skills: [], steering: [], powers: [], hooks: [], customAgents: [], trust: [] };

describe('MCP servers', () => {
  test('are told without a value of any variable, header, path or query', async () => {
    const { read } = given({
      '.kiro/settings/mcp.json': `{
        // comments are allowed
        "mcpServers": {
          "github": { "command": "npx", "args": ["-y", "a server", "it's"], "env": { "TOKEN": "s3cr3t" }, "autoApprove": ["get_issue", 7] },
          "docs": { "url": "https://user:s3cr3t@mcp.example:8443/s3cr3t?key=s3cr3t", "headers": { "Authorization": "s3cr3t" }, "disabled": true },
          "odd": {}, "broken": 7,
        },
        "powers": { "mcpServers": { "power-stripe-api": { "url": "not a url" } } },
      }`,
    });
    const { mcpServers } = await read();
    const common = {
      disabled: false,
      autoApprove: [],
      envNames: [],
      headerNames: [],
      command: null,
      commandSha256: null,
      origin: null,
    };
    const command = String.raw`npx -y 'a server' 'it'\''s'`;
    expect(mcpServers).toEqual([
      {
        ...common,
        name: 'github',
        scope: 'user',
        transport: 'stdio',
        command,
        commandSha256: sha256(command),
        envNames: ['TOKEN'],
        autoApprove: ['get_issue'],
      },
      {
        ...common,
        name: 'docs',
        scope: 'user',
        transport: 'http',
        origin: 'https://mcp.example:8443',
        disabled: true,
        headerNames: ['Authorization'],
      },
      { ...common, name: 'odd', scope: 'user', transport: 'unknown' },
      { ...common, name: 'power-stripe-api', scope: 'power', transport: 'http' },
    ]);
    expect(JSON.stringify(mcpServers)).not.toContain('s3cr3t');
  });

  test('of a workspace hide the user’s of the same name; those of agent profiles stand beside them', async () => {
    const { read } = given({
      '.kiro/settings/mcp.json': '{"mcpServers":{"one":{"command":"user"},"two":{"command":"user"}}}',
      'demo/.kiro/settings/mcp.json': '{"mcpServers":{"two":{"command":"workspace"}}}',
      '.kiro/agents/a.json': '{"mcpServers":{"two":{"command":"agent"}}}',
      'demo/.kiro/agents/deep/b.md': '---\nmcpServers:\n  three: { command: agent }\n---\nYou are…',
    });
    const { mcpServers, customAgents } = await read();
    expect(mcpServers.map(({ name, scope, command }) => [name, scope, command])).toEqual([
      ['one', 'user', 'user'],
      ['two', 'workspace', 'workspace'],
      ['two', 'agent', 'agent'],
      ['three', 'agent', 'agent'],
    ]);
    expect(customAgents.map(({ name, scope }) => [name, scope])).toEqual([
      ['a', 'user'],
      ['deep/b', 'workspace'],
    ]);
  });
});

describe('Markdown', () => {
  test('skills have the name and description of their front matter; a workspace’s hides the user’s', async () => {
    const { read } = given({
      '.kiro/skills/one/SKILL.md': '---\nname: testing\ndescription: user\n---\n',
      '.kiro/skills/two/SKILL.md': 'no front matter',
      '.kiro/skills/three/README.md': 'no skill',
      'demo/.kiro/skills/x/SKILL.md': '\uFEFF---\r\nname: testing\r\ndescription: workspace\r\n---\r\n',
    });
    expect((await read()).skills.map(({ name, scope, description }) => [name, scope, description])).toEqual([
      ['testing', 'workspace', 'workspace'],
      ['two', 'user', null],
    ]);
  });

  test('steering has one of four inclusions, and AGENTS.md is always included', async () => {
    const style = '---\ninclusion: fileMatch\nfileMatchPattern: "*.ts"\n---\n# Style';
    const { read } = given({
      '.kiro/steering/plain.md': '# Plain',
      '.kiro/steering/style.md': style,
      '.kiro/steering/AGENTS.md': '---\ninclusion: manual\n---\n',
      'demo/.kiro/steering/auto.md': '---\ninclusion: auto\nname: x\ndescription: y\n---\n',
      'demo/.kiro/steering/manual.md': '---\ninclusion: manual\n---\n',
      'demo/.kiro/steering/new.md': '---\ninclusion: sometimes\n---\n',
      'demo/.kiro/steering/late.md': '\n---\ninclusion: manual\n---\n',
      'demo/AGENTS.md': '# Agents',
    });
    const { steering } = await read();
    expect(steering.map(({ name, scope, inclusion }) => [name, scope, inclusion])).toEqual([
      ['AGENTS.md', 'user', 'always'],
      ['plain.md', 'user', 'always'],
      ['style.md', 'user', 'fileMatch'],
      ['auto.md', 'workspace', 'auto'],
      ['late.md', 'workspace', 'always'],
      ['manual.md', 'workspace', 'manual'],
      ['new.md', 'workspace', 'unknown'],
      ['AGENTS.md', 'workspace', 'always'],
    ]);
    expect(steering.find(({ name }) => name === 'style.md')?.sha256).toBe(sha256(style));
  });

  test('powers are listed by their folder', async () => {
    const { read } = given({
      '.kiro/powers/installed/stripe/POWER.md': 'x',
      '.kiro/powers/installed/none/mcp.json': '{}',
    });
    expect((await read()).powers).toEqual([{ name: 'stripe', sha256: sha256('x') }]);
  });

  test('front matter never throws and never multiplies aliases', () => {
    fc.assert(
      fc.property(fc.string(), (yaml) => {
        expect(frontMatter(`---\n${yaml}\n---\n`)).toBeInstanceOf(Object);
      }),
    );
    expect(frontMatter('---\na: &a [x]\nb: [*a, *a]\n---\n')).toEqual({});
    expect(frontMatter('---\n- a list\n---\n')).toEqual({});
  });
});

describe('hooks', () => {
  test('are listed with their command, ours flagged, those of 0.x beside those of 1.x', async () => {
    const hook = (name: string, action: object) => ({ name, trigger: 'Stop', action });
    const user = JSON.stringify({
      version: 'v1',
      hooks: [
        hook('capsule-stop', { type: 'command', command: '~/.kiro/scripts/capsule-dispatch.sh stdin' }),
        { no: 'hook' },
      ],
    });
    const { read } = given({
      '.kiro/hooks/capsule-stop.json': user,
      '.kiro/hooks/not-json.json': '{',
      'demo/.kiro/hooks/old.kiro.hook':
        '{"name":"","when":{"type":"agentStop"},"then":{"type":"askAgent","prompt":"Check"}}',
      'demo/.kiro/hooks/new.json': JSON.stringify({
        version: 'v1',
        hooks: [hook('lint', { type: 'command', command: 'npm run lint' })],
      }),
    });
    expect((await read()).hooks).toEqual([
      {
        name: 'capsule-stop',
        scope: 'user',
        trigger: 'Stop',
        action: '~/.kiro/scripts/capsule-dispatch.sh stdin',
        sha256: sha256(user),
        ours: true,
      },
      {
        name: 'lint',
        scope: 'workspace',
        trigger: 'Stop',
        action: 'npm run lint',
        sha256: expect.any(String),
        ours: false,
      },
      {
        name: 'old.kiro.hook',
        scope: 'workspace',
        trigger: 'agentStop',
        action: 'Check',
        sha256: expect.any(String),
        ours: false,
      },
    ]);
  });
});

describe('trust', () => {
  test('comes from the settings of 0.x and the permission files of 1.x', async () => {
    const files = {
      'User/settings.json':
        '{\n // mine\n "kiroAgent.trustedCommands": ["git *", "~/.kiro/scripts/capsule-dispatch.sh"], "kiroAgent.commandDenylist": ["sudo"], }',
      '.kiro/settings/permissions.yaml':
        'rules:\n  - capability: shell\n    effect: allow\n    match: ["npm *"]\n  - capability: web_fetch\n    effect: deny\n',
      'demo/.vscode/settings.json': '{"kiroAgent.trustedCommands":["*"]}',
    };
    const { home, root, read } = given(files);
    const folder = path.join(home, '.kiro', 'workspace-roots', workspaceHash(root, 'linux'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'permissions.yaml'), 'rules:\n  - capability: mcp\n    effect: ask\n');
    expect(
      (await read()).trust.map(({ source, scope, kind, effect, pattern, ours }) => [
        source,
        scope,
        kind,
        effect,
        pattern,
        ours,
      ]),
    ).toEqual([
      ['kiroAgent.trustedCommands', 'user', 'command', 'allow', 'git *', false],
      ['kiroAgent.trustedCommands', 'user', 'command', 'allow', '~/.kiro/scripts/capsule-dispatch.sh', true],
      ['kiroAgent.commandDenylist', 'user', 'command', 'deny', 'sudo', false],
      ['permissions.yaml', 'user', 'capability', 'allow', 'shell: npm *', false],
      ['permissions.yaml', 'user', 'capability', 'deny', 'web_fetch: *', false],
      ['kiroAgent.trustedCommands', 'workspace', 'command', 'allow', '*', false],
      ['permissions.yaml', 'workspace', 'capability', 'ask', 'mcp: *', false],
    ]);
  });

  test('of a permission file with one bad rule is none: Kiro drops the whole file', async () => {
    const { read } = given({
      '.kiro/settings/permissions.yaml': 'rules:\n  - {capability: shell, effect: allow}\n  - {effect: allow}\n',
    });
    expect((await read()).trust).toEqual([]);
  });

  test.each([
    ['c:/temp/kiro-ide-gate', 'win32', 'a7ffdb64ec4c31c8'],
    ['d:\\Projects\\KiroExt\\KiroChatSearcher', 'win32', 'cc5023603866cd91'],
    ['/tmp/wsX', 'linux', 'c25a05601239adfe'],
    ['/workspace/sanitized-project', 'linux', '8f3d1d8bb1bd8116'],
    ['/tmp/./x/../wsX/', 'darwin', 'c25a05601239adfe'],
  ] as const)('of %s on %s is kept under Kiro’s name for it', (root, platform, hash) => {
    expect(workspaceHash(root, platform)).toBe(hash);
  });
});

describe('an inventory', () => {
  test('of nothing is empty', async () => {
    expect(await given({}).read()).toEqual(NOTHING);
  });

  test('passes over broken, large and foreign files and relative folders', async () => {
    const { read, root } = given({
      '.kiro/settings/mcp.json': '{"mcpServers": {"a": {"command": "x"}',
      '.kiro/hooks/large.json': `{"version":"v1","hooks":[]}${' '.repeat(1024 * 1024)}`,
      '.kiro/agents/note.txt': 'no agent',
    });
    expect(await read(['c:\\Users\\dev\\demo', 'demo', root])).toEqual(NOTHING);
  });

  test('follows no link out of Kiro’s folders', async () => {
    const outside = given({ 'skills/x/SKILL.md': 'x', 'mcp.json': '{"mcpServers":{"evil":{"command":"x"}}}' }).home;
    const { home, root, read } = given({ '.kiro/settings/none': '', 'demo/none': '' });
    symlinkSync(path.join(outside, 'mcp.json'), path.join(home, '.kiro', 'settings', 'mcp.json'));
    symlinkSync(path.join(outside, 'skills'), path.join(home, '.kiro', 'skills'));
    symlinkSync(outside, path.join(root, '.kiro'));
    expect(await read()).toEqual(NOTHING);
  });

  test('counts the home folder’s files once when that is the workspace', async () => {
    const { home, read } = given({ '.kiro/steering/a.md': 'x' });
    expect((await read([home])).steering.map(({ scope }) => scope)).toEqual(['user']);
  });
});
