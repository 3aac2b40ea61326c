import path from 'node:path';
import { ownVersion } from '../core/assets.ts';
import { fileLog } from '../core/log.ts';
import { defineCommand } from './command.ts';
import {
  checkBinding,
  checkPort,
  chooseRole,
  DEFAULT_HOST,
  DEFAULT_ORG,
  DEFAULT_PORT,
  PORTAL_ACTIONS,
  PORTAL_CARES,
  readLifetime,
  readOrg,
  readTls,
  readUses,
} from './portal-options.ts';
import { DATABASE_VARIABLE, readStorePlace, showsPassword } from './portal-place.ts';

const UPGRADE_KEY = 'upgrade-key';
const SCHEMA = 'schema';
const OPENAPI = 'openapi';

/**
 * Runs the portal, or makes one of the things one needs to use it. Throws `usage`, `port-in-use`, `socket-unusable`,
 * `database-unusable`, `asset-missing`, `not-found`, `file-unwritable`, `tls-unusable`, `config-invalid`.
 */
export const portal = defineCommand({
  usage: 'portal [action] [file]',
  summary: 'Run the portal that agents report to, make what one needs to use it, or look after its data',
  positionals: {
    action: {
      describe:
        'token: enrols devices; code: enrols one device, once; key: reads /api; admin: a sign-in link; backup: copies its data; verify: proves its log; move: takes it from its folder to PostgreSQL; schema: its tables in PostgreSQL; openapi: what describes its API; import: takes in what an agent exported; upgrade-key: a new key for signing executables',
      choices: [...PORTAL_ACTIONS, ...PORTAL_CARES, SCHEMA, OPENAPI, UPGRADE_KEY],
    },
    file: { describe: 'Where a backup goes; what is imported' },
  },
  options: {
    host: { type: 'string', default: DEFAULT_HOST, describe: 'Address to listen on' },
    port: { type: 'number', default: DEFAULT_PORT, describe: 'Port to listen on; 0 takes a free one' },
    name: { type: 'string', array: true, describe: 'Host name under which people and agents reach it' },
    data: { type: 'string', describe: 'Folder of its data' },
    database: { type: 'string', describe: 'PostgreSQL to keep its data in (postgres://…), for one portal or several' },
    'database-file': { type: 'string', describe: 'File that holds that address, which has a password in it' },
    'database-ca': { type: 'string', describe: 'PEM file of who vouches for the database, where the system does not' },
    executables: { type: 'string', describe: 'Folder of the executables that installers fetch (default: in its data)' },
    'tls-cert': {
      type: 'string',
      describe: 'PEM file of its certificate with the chain; a renewed one is taken by itself',
    },
    'tls-key': { type: 'string', describe: 'PEM file of the key of that certificate' },
    'trust-proxy': { type: 'boolean', default: false, describe: 'Believe X-Forwarded-* of the proxy before it' },
    mail: { type: 'string', describe: 'File that says by which SMTP server mails leave (see the README)' },
    'allow-local-destinations': {
      type: 'boolean',
      default: false,
      describe: 'Let its administrators send notices and streams to this machine, too',
    },
    'insecure-http': { type: 'boolean', default: false, describe: 'Listen beyond this machine without TLS' },
    open: { type: 'boolean', default: false, describe: 'Open it in the browser' },
    'ttl-days': { type: 'number', describe: 'Lifetime in days, 1 to 365 (token, key: 365; code, admin: 1)' },
    uses: { type: 'number', default: 1, describe: 'Devices that a code enrols' },
    org: { type: 'string', default: DEFAULT_ORG, describe: 'Organisation; made when it is new' },
    receipt: { type: 'string', describe: 'import: write here what the agent may forget' },
    back: { type: 'boolean', default: false, describe: 'move: instead, let the folder be used again' },
    citus: { type: 'boolean', default: false, describe: 'schema: instead, what spreads them over a Citus cluster' },
    head: { type: 'string', describe: 'verify: end of the chain that was written down before (position:hash)' },
    role: { type: 'string', choices: ['viewer', 'analyst', 'admin'], describe: 'Role (key: viewer; admin: admin)' },
  },
  examples: [
    ['portal', 'Run it on this machine'],
    ['portal code', 'Print a code that enrols one device within a day'],
    ['portal token --org acme --ttl-days 90', 'Print a token that enrols the devices of acme for 90 days'],
    ['portal admin', 'Print a new sign-in link'],
    ['portal --database-file db.url', 'Run it on PostgreSQL; as many as you like, behind a load balancer'],
    ['portal backup capsule.db', 'Copy its data while it runs'],
    ['portal import out.gz --receipt receipt.json', 'Take in what an agent without a way here exported'],
    [
      'portal move --database-file db.url',
      'Take everything from the folder to an empty PostgreSQL, the portal stopped',
    ],
    ['portal verify', 'Compute the chain over everything stored anew, and compare'],
  ],
  async run(host, args, progress) {
    if (args.action === SCHEMA) return (await import('./portal-schema.ts')).printSchema(args.citus);
    if (args.action === OPENAPI) return (await import('./portal-openapi.ts')).printOpenApi(ownVersion());
    const place = readStorePlace(host, args);
    const { folder } = place;
    if (args.action === UPGRADE_KEY) {
      const { changeUpgradeKey } = await import('./portal-upgrade-key.ts');
      return changeUpgradeKey(host, place, readOrg(args.org));
    }
    const action = PORTAL_ACTIONS.find((name) => name === args.action);
    if (action !== undefined) {
      const org = readOrg(args.org);
      const lifeMs = readLifetime(action, args['ttl-days']);
      const wish = { action, org, lifeMs, uses: readUses(args.uses), role: chooseRole(action, args.role) };
      const { makeCredential } = await import('./portal-credential.ts');
      const made = await makeCredential(host, place, wish);
      return { output: made.value, json: { ...made, org }, exitCode: 0 };
    }
    const file = args.file === undefined ? undefined : String(args.file);
    if (args.action === 'import') {
      const { importIntoPortal } = await import('./portal-import.ts');
      return importIntoPortal(host, place, { file, org: readOrg(args.org), receipt: args.receipt }, progress);
    }
    if (args.action === 'move') {
      const { movePortal } = await import('./portal-move.ts');
      return movePortal(host, place, { back: args.back }, progress);
    }
    if (args.action === 'backup' || args.action === 'verify') {
      const { backUpPortal, verifyPortal } = await import('./portal-care.ts');
      if (args.action === 'verify') return verifyPortal(host, place, progress, args.head);
      return backUpPortal(place, file, progress);
    }
    checkPort(args.port);
    const tls = readTls(args['tls-cert'], args['tls-key']);
    checkBinding(args.host, args['insecure-http'] || tls !== undefined);
    if (showsPassword(args.database)) {
      progress.say(
        `Everybody on this machine can read the password in --database; use --database-file or ${DATABASE_VARIABLE}`,
      );
    }
    const { runPortal } = await import('./portal-run.ts');
    const log = fileLog(path.join(folder, 'portal.log'), () => host.now());
    return runPortal({ ...host, log }, progress, {
      place,
      executables: path.resolve(args.executables ?? path.join(folder, 'executables')),
      host: args.host,
      port: args.port,
      names: args.name ?? [],
      insecure: args['insecure-http'],
      tls,
      trustProxy: args['trust-proxy'],
      localDestinations: args['allow-local-destinations'],
      mail: args.mail === undefined ? undefined : await readMail(args.mail),
      version: ownVersion(),
      open: args.open,
    });
  },
});

async function readMail(file: string) {
  const { readMailSettings } = await import('../portal/mail/mail-settings.ts');
  return readMailSettings(path.resolve(file));
}
