import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { readCredential, readEnrolment, writeEnrolment } from '../relay/credential.ts';
import { type Answer, defineCommand } from './command.ts';
import { readSecret } from './read-secret.ts';
import { settingsInForce } from './settings-in-force.ts';

export const token = defineCommand({
  usage: 'token [action]',
  summary: 'Show how this device is known to the portal, without showing the secret; or set a new code or token',
  options: {
    'token-file': { type: 'string', describe: 'Read the code or token from this file instead of standard input' },
  },
  positionals: { action: { describe: 'show (the default) or set', choices: ['show', 'set'] } },
  examples: [
    ['token', 'Which organisation, until when'],
    ['token set < code.txt', 'Enrol again; the daemon picks it up at once'],
  ],
  async run(host, args) {
    return args.action === 'set' ? set(host, args['token-file']) : show(host);
  },
});

function show(host: Host): Answer {
  const credential = readCredential(host.own);
  const pending = readEnrolment(host.own) !== undefined;
  if (credential === undefined) {
    return {
      output: pending
        ? 'Not enrolled yet: a code or token waits for the portal.'
        : 'Not enrolled, and no code or token is set.',
      json: { enrolled: false, pending },
      exitCode: 3,
    };
  }
  const { portal, org, deviceId, issuedAt, expiresAt } = credential;
  const expired = Date.parse(expiresAt) <= host.now().getTime();
  return {
    output: [
      `Enrolled at ${portal}, organisation ${org}, as device ${deviceId}`,
      `Credential from ${issuedAt}, ${expired ? 'EXPIRED since' : 'valid until'} ${expiresAt}`,
    ].join('\n'),
    json: { enrolled: true, pending, portal, org, deviceId, issuedAt, expiresAt, expired },
    exitCode: expired ? 3 : 0,
  };
}

async function set(host: Host, file: string | undefined): Promise<Answer> {
  const portal = settingsInForce(host)['portal.url'];
  if (portal === null) {
    throw new Failure('usage', 'No portal is set', { hint: 'First: capsule-kiro config set portal.url https://…' });
  }
  const secret = await readSecret(host, { stdin: file === undefined, file });
  if (secret === undefined) throw new Failure('usage', 'No code or token was given');
  writeEnrolment(host.own, { portal, secret });
  return {
    output: 'Taken. The daemon enrols with it now; see: capsule-kiro status',
    json: { pending: true },
    exitCode: 0,
  };
}
