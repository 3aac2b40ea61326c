/** Everything of the first run: settings, hooks, trust, dispatcher, service, daemon. Running it again changes nothing. */
import path from 'node:path';
import { ownVersion } from '../core/assets.ts';
import { CONTENT_LEVELS } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { changeSettings, checkSetting, HOOK_MODES, type Settings } from '../core/settings.ts';
import type { AttachmentWarning } from '../kiro/attachment-warnings.ts';
import type { Change } from '../kiro/change.ts';
import type { HooksToPlace } from '../kiro/hooks-to-place.ts';
import { writeEnrolment } from '../relay/credential.ts';
import { bringInLine, lookAround, takeStock } from './bring-in-line.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { type Answer, defineCommand, type ExitCode, type Progress } from './command.ts';
import { COMMANDS } from './commands.ts';
import { readManaged } from './managed-settings.ts';
import { checkDowngrade, type Placing, placeProgram } from './place-program.ts';
import { commandName, nameCommands, placeShellLink } from './placing/shell-name.ts';
import { readSecret } from './read-secret.ts';
import { type Autostart, registerService } from './register-service.ts';
import { checkUser } from './right-user.ts';
import { changesAsJson, sayChanges, sayWarnings, warningsAsJson, withTilde } from './say-changes.ts';
import { isManaged, settingsInForce, withoutManaged } from './settings-in-force.ts';
import { shellProxy } from './shell-proxy.ts';

export const install = defineCommand({
  usage: 'install',
  summary: 'Connect Kiro on this machine to a portal, now and at every login; without root',
  options: {
    portal: { type: 'string', describe: 'Address of the portal: https://…' },
    otlp: { type: 'string', describe: 'Address of an OpenTelemetry endpoint, beside a portal or in its place' },
    'otlp-headers-file': { type: 'string', describe: 'File of headers to send there, readable by you alone' },
    'code-stdin': { type: 'boolean', default: false, describe: 'Read the one-time enrolment code from standard input' },
    'token-stdin': { type: 'boolean', default: false, describe: "Read an organisation's token from standard input" },
    'token-file': { type: 'string', describe: 'Read the code or token from this file' },
    hooks: { choices: HOOK_MODES, describe: 'Where to place the hook (default: what the Kiro found here needs)' },
    content: { choices: CONTENT_LEVELS, describe: 'How much of the content leaves this machine (default: redacted)' },
    service: { type: 'boolean', describe: 'Start the daemon at login (--no-service: do not; remembered)' },
    'dry-run': { type: 'boolean', default: false, describe: 'Say what would be changed, change nothing' },
    quiet: { type: 'boolean', default: false, describe: 'Print only what went wrong or needs you' },
    force: { type: 'boolean', default: false, describe: 'Put back hooks that were deleted or changed by hand' },
    downgrade: { type: 'boolean', default: false, describe: 'Replace a newer version of this program, too' },
    permissions: {
      type: 'boolean',
      default: false,
      describe: "Also allow our hook's command in the permissions of Kiro 1.x, should it ask",
    },
  },
  examples: [
    ['install --portal https://capsule.example --code-stdin < code.txt', 'With the code from your security team'],
    ['install --otlp https://otel.example:4318', 'Into your own OpenTelemetry backend, without a portal'],
    [
      'install --portal https://capsule.example --code-stdin --quiet --json < code.txt',
      'For a management agent: one JSON object, nothing else',
    ],
    ['install --dry-run', 'See every file it would touch'],
  ],
  async run(host, args, shown) {
    checkUser(host);
    const progress = args.quiet ? { ...shown, show() {} } : shown;
    const secret = await readSecret(host, {
      stdin: args['code-stdin'] || args['token-stdin'],
      file: args['token-file'],
    });
    const before = settingsInForce(host);
    const asked = withoutManaged(host, givenSettings(args));
    const wantsService = serviceWanted(host, args.service);
    const given = { ...asked, ...shellProxy(host.env, { ...before, ...asked }) };
    const settings = { ...before, ...given };
    if (secret !== undefined && settings['portal.url'] === null) {
      throw new Failure('usage', 'A code or token was given, but no portal', { hint: 'Add --portal https://…' });
    }
    const dry = args['dry-run'];
    const versionBefore = await checkDowngrade(host, args.downgrade);
    const placing = dry ? undefined : prepare(host, given, settings, secret);
    const attached = await attachAll(host, settings, args, progress);
    const autostart = dry ? undefined : await registerService(host, wantsService);
    const up = dry ? undefined : await bringUp(host, progress, placing === 'replaced');
    const outcome = { ...attached, placing, versionBefore, autostart, up, dry };
    return args.quiet
      ? { ...answer(host, outcome), output: sayTrouble(host, outcome).join('\n') }
      : answer(host, outcome);
  },
});

/** The organisation's word comes first, and before what was said at an earlier install. Throws `setting-managed`. */
function serviceWanted(host: Host, asked: boolean | undefined): boolean | undefined {
  const managed = readManaged(host);
  if (managed.is !== 'in-force' || !managed.autostart) return asked;
  if (asked === false) throw isManaged(host, 'That the daemon starts at login');
  return true;
}

interface Asked {
  portal: string | undefined;
  otlp: string | undefined;
  'otlp-headers-file': string | undefined;
  hooks: Settings['hooks.mode'] | undefined;
  content: Settings['content.level'] | undefined;
}

function givenSettings({ portal, otlp, hooks, content, ...more }: Asked): Partial<Settings> {
  const headersFile = more['otlp-headers-file'] && path.resolve(more['otlp-headers-file']);
  if (portal !== undefined) checkSetting('portal.url', portal, '--portal');
  if (otlp !== undefined) checkSetting('otlp.endpoint', otlp, '--otlp');
  return {
    ...(portal !== undefined && { 'portal.url': portal }),
    ...(otlp !== undefined && { 'otlp.endpoint': otlp }),
    ...(headersFile && { 'otlp.headersFile': headersFile }),
    ...(hooks !== undefined && { 'hooks.mode': hooks }),
    ...(content !== undefined && { 'content.level': content }),
  };
}

function prepare(host: Host, given: Partial<Settings>, settings: Settings, secret: string | undefined): Placing {
  const placing = placeProgram(host);
  placeShellLink(host);
  if (Object.keys(given).length > 0) changeSettings(host.own.settings, (own) => ({ ...own, ...given }));
  const portal = settings['portal.url'];
  if (secret !== undefined && portal !== null) writeEnrolment(host.own, { portal, secret });
  return placing;
}

interface Attached {
  hooks: HooksToPlace;
  changes: Change[];
  warnings: AttachmentWarning[];
}

async function attachAll(
  host: Host,
  settings: Settings,
  args: { 'dry-run': boolean; force: boolean; permissions: boolean },
  progress: Progress,
): Promise<Attached> {
  progress.show('Looking for Kiro and its workspaces …');
  const around = await lookAround(host, settings);
  const options = { dryRun: args['dry-run'], force: args.force, permission: args.permissions };
  const changes = bringInLine(host, around, options);
  // Before anything is in place, that it is not is no news.
  const failing = new Set(changes.filter(({ result }) => result === 'failed').map(({ file }) => file));
  const warnings = options.dryRun ? [] : takeStock(host, around).warnings.filter(({ file }) => !failing.has(file));
  return { hooks: around.hooks, changes, warnings };
}

interface Outcome extends Attached {
  placing: Placing | undefined;
  versionBefore: string | null;
  autostart: Autostart | undefined;
  up: BroughtUp | undefined;
  dry: boolean;
}

function answer(host: Host, outcome: Outcome): Answer {
  const { hooks, changes, warnings, autostart, up, dry } = outcome;
  const failed = changes.filter(({ result }) => result === 'failed');
  const did = changes.some(({ result }) => result === 'done');
  const needsYou = up?.needsYou || warnings.length > 0;
  const exitCode: ExitCode = failed.length > 0 || up?.failed ? 1 : needsYou ? 3 : 0;
  const head = dry ? 'This would be changed:' : did ? 'Changed:' : 'Everything was in place already:';
  const output = [
    `Kiro: ${hooks.reason}.`,
    '',
    head,
    ...sayChanges(changes, host.home),
    ...(warnings.length === 0 ? [] : ['', ...sayWarnings(warnings, host.home)]),
    ...(autostart === undefined ? [] : ['', ...sayPlacing(outcome), autostart.said]),
    ...(up === undefined ? [] : [up.said]),
    ...(dry ? [] : ['', nextStep(failed.length, did)]),
  ];
  const [name, commands] = [commandName(host), Object.keys(COMMANDS)];
  return {
    output: output.map((line) => nameCommands(line.replaceAll(`${host.home}/`, '~/'), name, commands)).join('\n'),
    json: {
      dryRun: dry,
      program: { version: ownVersion(), before: outcome.versionBefore, placed: outcome.placing ?? null },
      hooks: { ...hooks },
      changes: changesAsJson(changes),
      warnings: warningsAsJson(warnings),
      autostart: autostart === undefined ? null : { kind: autostart.kind },
      daemon: up === undefined ? null : { running: !up.failed, enrolled: up.enrolled },
      home: withTilde(host.own.home, host.home),
    },
    exitCode,
  };
}

/** Only what could not be done, and what needs somebody. */
function sayTrouble(host: Host, { changes, warnings, up }: Outcome): string[] {
  const failed = changes.filter(({ result }) => result === 'failed');
  const daemon = up?.failed || up?.needsYou ? [up.said] : [];
  return [...sayChanges(failed, host.home), ...sayWarnings(warnings, host.home), ...daemon];
}

function sayPlacing({ placing, versionBefore }: Outcome): string[] {
  if (placing !== 'replaced') return [];
  return [`Program: version ${ownVersion()} took the place of ${versionBefore ?? 'one that did not start'}`];
}

function nextStep(failed: number, did: boolean): string {
  if (failed > 0)
    return 'Some steps could not be done (marked !). Correct them and run the command again; the others are done.';
  if (!did) return 'See how it is going: capsule-kiro status';
  return 'Now restart Kiro, so that it reads its hooks, and send one prompt. Then: capsule-kiro status';
}
