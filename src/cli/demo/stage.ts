/** The demo's own machine: a temporary home with what Kiro would keep there, a portal, and an agent installed into it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Host, Ran } from '../../core/host.ts';
import { ownProgram } from '../program.ts';

export interface Stage {
  folder: string;
  home: string;
  workspace: string;
  userData: string;
  program: string;
  /** The environment of everything that runs in the demo's home. */
  env: NodeJS.ProcessEnv;
  /** Runs this program there, with `input` on its standard input. */
  capsule(args: readonly string[], input?: string): Promise<Ran>;
}

/**
 * Lays out the home: Kiro's settings as a user may have them, an MCP server, a skill and steering files. `program` is what is
 * tried there: this one unless given.
 */
export function setStage(host: Host, program: string = ownProgram()): Stage {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'capsule-demo-')));
  const home = path.join(folder, 'home');
  const workspace = path.join(home, 'projects', 'demo');
  const userData =
    host.platform === 'darwin'
      ? path.join(home, 'Library', 'Application Support', 'Kiro')
      : path.join(home, '.config', 'Kiro');
  const files: [string, string][] = [
    [path.join(userData, 'User', 'settings.json'), SETTINGS],
    [path.join(userData, 'User', 'globalStorage', 'storage.json'), '{}\n'],
    [path.join(home, '.kiro', 'settings', 'mcp.json'), `${JSON.stringify(MCP, null, 2)}\n`],
    [path.join(home, '.kiro', 'steering', 'style.md'), '---\ninclusion: always\n---\n# Style\nShort sentences.\n'],
    [
      path.join(home, '.kiro', 'skills', 'testing-skill', 'SKILL.md'),
      '---\nname: testing-skill\ndescription: How to run tests\n---\nRun them all.\n',
    ],
    [
      path.join(workspace, '.kiro', 'steering', 'product.md'),
      '---\ninclusion: fileMatch\nfileMatchPattern: "src/**"\n---\n# Product\n',
    ],
    [path.join(workspace, 'README.md'), 'scratch workspace for the demo project\n'],
  ];
  for (const [file, text] of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  // Both generations have been used here before: else a hook would be taken away once the other's first session shows.
  for (const trace of [sessionsOf1x(home), sessionsOf0x(userData)]) mkdirSync(trace, { recursive: true });
  const env = demoEnvironment(host, folder, home);
  const capsule: Stage['capsule'] = (args, input = '') => runCapsule(program, env, args, input);
  return { folder, home, workspace, userData, program, env, capsule };
}

const sessionsOf1x = (home: string) => path.join(home, '.kiro', 'sessions', 'demo-bucket');
const sessionsOf0x = (userData: string) =>
  path.join(userData, 'User', 'globalStorage', 'kiro.kiroagent', 'workspace-sessions');

/** Nothing of the real home: not its XDG folders, not its application data. */
function demoEnvironment({ env }: Host, folder: string, home: string): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(['PATH', 'LANG', 'TERM', 'TMPDIR', 'SystemRoot'].map((name) => [name, env[name]]));
  return {
    ...kept,
    HOME: home,
    USERPROFILE: home,
    APPDATA: path.join(folder, 'roaming'),
    LOCALAPPDATA: path.join(folder, 'local'),
  };
}

/** Registers the workspace as Kiro does when a folder is opened for the first time: a new child of `workspaceStorage`. */
export function openWorkspace({ userData, workspace }: Stage): void {
  const entry = path.join(userData, 'User', 'workspaceStorage', '56aca4fdfb1628208806ab9677eff119');
  mkdirSync(entry, { recursive: true });
  const folder = `file://${workspace.split('/').map(encodeURIComponent).join('/')}`;
  writeFileSync(path.join(entry, 'workspace.json'), `${JSON.stringify({ folder }, null, 2)}\n`);
}

/** Removes the demo's folder. */
export function strike({ folder }: Stage): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface PortalProcess {
  address: string;
  data: string;
  stop(): Promise<void>;
}

const PORTAL_MS = 20_000;

/** Starts the portal as a process of its own, on a free port of this machine. Throws `demo-failed`. */
export async function startPortalProcess(stage: Stage): Promise<PortalProcess> {
  const data = path.join(stage.folder, 'portal');
  const child = spawn(stage.program, ['portal', '--port', '0', '--data', data], {
    env: stage.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const address = await said(child, /http:\/\/127\.0\.0\.1:\d+/);
  return {
    address,
    data,
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Failure('demo-failed', `The portal did not come up: ${why}`));
    };
    const timer = setTimeout(() => fail('it said nothing for 20 seconds'), PORTAL_MS);
    const listen = (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[0]);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('error', (error) => fail(error.message));
    child.on('exit', () => fail(text.trim()));
  });
}

function runCapsule(program: string, env: NodeJS.ProcessEnv, args: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const ran = { stdout: '', stderr: '' };
    const child = spawn(program, args, { env, stdio: 'pipe' });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ ...ran, exitCode }));
    // A program that has ended without reading is no trouble of ours.
    child.stdin.on('error', () => {}).end(input);
  });
}

const SETTINGS = `{
\t// Mine, do not touch
\t"editor.fontSize": 13,
\t"kiroAgent.trustedCommands": [
\t\t"git status", // safe
\t\t"npm test",
\t],
}
`;

const MCP = {
  mcpServers: {
    github: {
      command: 'npx',
      args: ['-y', 'github-mcp'],
      env: { GITHUB_TOKEN: '$' + '{GITHUB_TOKEN}' },
      autoApprove: ['get_issue'],
    },
    docs: { url: 'https://docs.example/mcp', headers: { Authorization: '$' + '{DOCS_TOKEN}' } },
  },
};
