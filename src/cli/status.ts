import { existsSync } from 'node:fs';
import type { Json } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import { recordsOf } from '../kiro/kiro-records.ts';
import { kiroPaths } from '../kiro/paths.ts';
import { findKiro } from '../kiro/versions.ts';
import { readCredential } from '../relay/credential.ts';
import { endAndStart, readEndpoint } from '../relay/local-client.ts';
import { type Answer, defineCommand } from './command.ts';
import { type DaemonState, daemonState, type StandBy, standByState } from './daemon-state.ts';
import { type Trouble, troubles } from './health.ts';
import { managedNames } from './managed-settings.ts';
import { type Autostart, describeAutostart } from './register-service.ts';
import { ago, bytes, count } from './say.ts';
import { sayCapture } from './say-capture.ts';
import { withTilde } from './say-changes.ts';
import { settingsInForce } from './settings-in-force.ts';

/** The rest is in `--json`. */
const MOST_LEFT_ALONE = 5;

export const status = defineCommand({
  usage: 'status',
  summary: 'How it is going, on one screen',
  options: {
    watch: {
      type: 'boolean',
      default: false,
      describe: 'Keep looking, each second; q ends it. To a pipe: a line a change',
    },
  },
  examples: [
    ['status', 'Exit code 3 when something needs you'],
    ['status --json', 'The same for a script'],
    ['status --watch', 'See it change'],
  ],
  async run(host, { watch, json }, progress) {
    if (!watch) return lookOnce(host, slowFacts(host));
    const { watchStatus } = await import('./watch-status.ts');
    let slow = slowFacts(host);
    let fresh = host.now().getTime();
    const look = () => {
      if (Math.abs(host.now().getTime() - fresh) > SLOW_EVERY_MS) {
        slow = slowFacts(host);
        fresh = host.now().getTime();
      }
      return lookOnce(host, slow);
    };
    return watchStatus(host, look, progress, json === true);
  },
});

/** What asks the system or reads many files, and changes once in a while: not for each second of a watch. */
interface SlowFacts {
  autostart(): Promise<Autostart>;
  kiro(): Json[];
}
const SLOW_EVERY_MS = 60_000;

/** Each is looked up when it is first asked for, and once. */
function slowFacts(host: Host): SlowFacts {
  let autostart: Promise<Autostart> | undefined;
  let kiro: Json[] | undefined;
  return {
    autostart: () => (autostart ??= describeAutostart(host)),
    kiro: () => (kiro ??= kiroHere(host)),
  };
}

async function lookOnce(host: Host, { autostart, kiro }: SlowFacts): Promise<Answer> {
  if (!existsSync(host.own.home)) return notInstalled();
  const state = await daemonState(host.own);
  if (typeof state === 'object') return running(host, state, { autostart: await autostart(), kiro: kiro() });
  const standing = state === 'hung' ? undefined : await standByState(host.own);
  return standing === undefined ? down(host, state === 'hung') : standsBy(host, standing);
}

function notInstalled(): Answer {
  return {
    output: 'capsule-kiro is not installed for this user. Install it with: capsule-kiro install --portal https://…',
    json: { installed: false, daemon: null },
    exitCode: 3,
  };
}

function down(host: Host, hung: boolean): Answer {
  const pid = readEndpoint(host.own)?.pid;
  const trouble = hung ? `is there (process ${pid}) but does not answer` : 'is not running';
  const fix = hung ? `End it, and start it again: ${endAndStart(pid, host.platform)}` : 'Start it: capsule-kiro start';
  return {
    output: [
      `Daemon      ${trouble}`,
      '',
      `! The daemon ${trouble}. Nothing is lost: Kiro's own record is read when it is back.`,
      `  ${fix}`,
    ].join('\n'),
    json: {
      installed: true,
      daemon: null,
      troubles: [{ code: hung ? 'daemon-hung' : 'daemon-down', message: trouble, fix }],
    },
    exitCode: 3,
  };
}

function standsBy(host: Host, { pid, version, standBy: { why, fix, nextTry } }: StandBy): Answer {
  const again = `It tries again by itself at ${nextTry.slice(11, 16)} UTC; at once: capsule-kiro restart`;
  return {
    output: [
      `Daemon      stands by (process ${pid}), version ${version}`,
      '',
      `! ${why}. Nothing is lost: rings wait as files, and Kiro's own record is read when it works again.`,
      ...[fix ?? `Its log is ${host.own.log}`, again].map((line) => `  ${line}`),
    ].join('\n'),
    json: {
      installed: true,
      daemon: null,
      standBy: { pid, why, nextTry },
      troubles: [{ code: 'daemon-stands-by', message: why, fix: fix ?? again }],
    },
    exitCode: 3,
  };
}

function running(host: Host, state: DaemonState, { autostart, kiro }: { autostart: Autostart; kiro: Json[] }): Answer {
  const found = [...troubles(state), ...tokenTroubles(host, state)];
  const now = host.now();
  const { outbox, delivery, capture, workspaces } = state;
  const lines = [
    [
      'Daemon',
      `runs (process ${state.pid}), version ${state.version}, since ${ago(state.startedAt, now)}, ${bytes(state.memoryBytes)}`,
    ],
    ['Autostart', autostart.said],
    ['Portal', portalLine(host, state)],
    ...managedLines(host),
    ...otlpLines(state, now),
    ['Workspaces', workspacesLine(workspaces)],
    ['Last ring', ago(capture.lastRing, now)],
    ['Last event', `${ago(capture.lastEvent, now)}; last sweep ${ago(capture.lastSweep, now)}`],
    [
      'Outbox',
      outbox.events === 0
        ? `empty; ${count(delivery.delivered + (state.otlp?.delivered ?? 0), 'event')} delivered since the start`
        : `${count(outbox.events, 'event')} (${bytes(outbox.bytes)}), the oldest ${ago(outbox.oldest, now)}`,
    ],
  ];
  for (const { file, reason } of state.drift.leftAlone.slice(0, MOST_LEFT_ALONE)) {
    lines.push(['Left alone', `${withTilde(file, host.home)} (${reason})`]);
  }
  lines.push(...sayCapture(capture, now));
  return {
    output: [...lines.map(([name, text]) => `${(name ?? '').padEnd(11)} ${text}`), ...sayTroubles(found)].join('\n'),
    json: {
      installed: true,
      daemon: { ...state },
      autostart: { kind: autostart.kind, how: autostart.said },
      kiro,
      managed: managedNames(host),
      troubles: found.map((trouble) => ({ ...trouble })),
    },
    exitCode: found.length === 0 ? 0 : 3,
  };
}

/** Which settings are the organisation's; nothing where there are none. */
function managedLines(host: Host): string[][] {
  const names = managedNames(host);
  return names.length === 0 ? [] : [['Managed', `${names.join(', ')} (${withTilde(host.managed.file, host.home)})`]];
}

/** What the Kiros of this machine write down of a session, so that a reader knows what `null` means. */
function kiroHere(host: Host): Json[] {
  const settings = settingsInForce(host);
  const paths = kiroPaths(host, settings);
  const cli = [...paths.cliSessions, ...paths.cliDatabases].some((place) => existsSync(place));
  const found = findKiro(host, paths, settings).map(({ generation, version }) => ({ generation, version }));
  return recordsOf(cli ? [...found, { generation: 'cli-2', version: null }] : found);
}

function portalLine(host: Host, { enrolment, delivery }: DaemonState): string {
  const credential = readCredential(host.own);
  if (credential === undefined) {
    const portal = settingsInForce(host)['portal.url'];
    return portal === null
      ? 'none is set up'
      : `${portal}, not enrolled yet${enrolment.why === null ? '' : ` (${enrolment.why})`}`;
  }
  return `${credential.portal}, organisation ${credential.org}, ${sayDelivery(delivery)}; credential until ${credential.expiresAt.slice(0, 10)}`;
}

const HOW = {
  idle: 'up to date',
  sending: 'sending',
  waiting: 'waiting to try again',
  held: 'held',
  unset: 'not enrolled',
};

function sayDelivery({ state, why }: DaemonState['delivery']): string {
  return `${HOW[state]}${why === null ? '' : `: ${why}`}`;
}

/** With two destinations also what waits for each. */
function otlpLines({ otlp, depths, delivery, destinations }: DaemonState, now: Date): string[][] {
  if (otlp === null) return [];
  const line = ['OpenTelem.', `${otlp.endpoint}, ${sayDelivery(otlp)}; ${sayDepth(depths?.otlp, otlp, now)}`];
  if (!destinations.includes('portal')) return [line];
  return [['', sayDepth(depths?.portal, delivery, now)], line];
}

function sayDepth(
  depth: { events: number; bytes: number; oldest: string | null } | undefined,
  { lastDelivery }: DaemonState['delivery'],
  now: Date,
): string {
  const waits =
    depth === undefined || depth.events === 0
      ? 'nothing waits'
      : `${count(depth.events, 'event')} (${bytes(depth.bytes)}) ${depth.events === 1 ? 'waits' : 'wait'}, the oldest ${ago(depth.oldest, now)}`;
  return `${waits}; last success ${ago(lastDelivery, now)}`;
}

function workspacesLine({
  known,
  attached,
  remote,
  missing,
  excluded,
  notAttached,
}: DaemonState['workspaces']): string {
  const rest = [
    [remote, 'remote'],
    [missing, 'missing'],
    [excluded, 'excluded or skipped'],
    [notAttached.length, 'not attached'],
  ]
    .filter(([n]) => Number(n) > 0)
    .map(([n, what]) => `${n} ${what}`);
  return [`${attached} of ${known} attached`, ...rest].join(', ');
}

function tokenTroubles(host: Host, { clockOffsetMs }: DaemonState): Trouble[] {
  const credential = readCredential(host.own);
  const portalNow = host.now().getTime() + (clockOffsetMs ?? 0);
  if (credential === undefined || Date.parse(credential.expiresAt) > portalNow) return [];
  return [
    {
      code: 'token-expired',
      message: `This device's credential expired on ${credential.expiresAt}; events are kept here`,
      fix: 'Ask for a new enrolment code, then: capsule-kiro token set',
    },
  ];
}

function sayTroubles(found: readonly Trouble[]): string[] {
  if (found.length === 0) return ['', 'All is well.'];
  return ['', ...found.flatMap(({ message, fix }) => [`! ${message}`, `  ${fix}`])];
}
