import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type {
  InstallerAnswer,
  InstallerSummary,
  InstallersAnswer,
  MadeInstallerAnswer,
} from '../administration-answers.ts';
import { type Answer, notFound, ok, Refusal } from '../answer.ts';
import { bearer, type Enroller, type Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import { DAY_MS, issueCode, MAX_DAYS } from '../credentials.ts';
import type { PortalContext } from '../portal-context.ts';
import type { StoredInstaller } from '../store/installer-store.ts';
import { addressBy, wayIn } from '../way-in.ts';
import { installerState } from './installer-state.ts';
import { type InstallerSystem, installerCommand, installerName, renderInstaller } from './render-installer.ts';

const days = z.int('Enter a whole number of days from 1 to 365').min(1).max(MAX_DAYS);
export const choicesSchema = z.object({
  system: z.enum(['macos', 'linux', 'windows']),
  label: z.string().trim().max(80).default(''),
  /** How long each device's credential lives. */
  days: days.default(MAX_DAYS),
  /** How long the installer works: a day for one device, a month for several. */
  worksDays: days.optional(),
  /** null: without limit. */
  uses: z.int().min(1).max(100_000).nullable().default(1),
  content: z.enum(['full', 'redacted', 'metadata', 'off']).nullable().default(null),
  hooks: z.enum(['auto', 'workspace', 'user', 'both']).nullable().default(null),
});

/** As many agents of an installer as an answer names; the rest are counted. */
const MOST_AGENTS = 20;

/** `POST /api/installers`: makes one, and gives its text this once. Refuses (400) `installer-invalid`. */
export async function makeInstaller(
  portal: PortalContext,
  person: Person,
  incoming: IncomingMessage,
  body: unknown,
): Promise<Answer> {
  const chosen = checkBody(choicesSchema, body, 'installer-invalid');
  const { system, label, days: credentialDays, uses, content, hooks } = chosen;
  const worksDays = Math.min(chosen.worksDays ?? (uses === 1 ? 1 : 30), credentialDays);
  const org = person.organisation.id;
  const code = await issueCode(portal, org, worksDays * DAY_MS, uses, person.actor);
  await portal.store.installers.make(org, code.id, { label, system, credentialDays, content, hooks }, person.actor);
  const text = await render(portal, incoming, system, code.value, code.expiresAt, { content, hooks });
  const answer: MadeInstallerAnswer = {
    installer: await summarise(portal, org, await stored(portal, org, code.id)),
    file: {
      name: installerName(system),
      text,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
      command: installerCommand(system),
    },
  };
  return ok(answer);
}

/** `GET /api/installers`: newest first, with the executables that can be handed out. */
export async function listInstallers(portal: PortalContext, person: Person): Promise<Answer> {
  const org = person.organisation.id;
  const found = await portal.store.installers.list(org);
  const answer: InstallersAnswer = {
    installers: await Promise.all(found.map((each) => summarise(portal, org, each))),
    executables: (await portal.executables.list()).map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    next: null,
  };
  return ok(answer);
}

/** `GET /api/installers/:id`. */
export async function getInstaller(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const org = person.organisation.id;
  const answer: InstallerAnswer = { installer: await summarise(portal, org, await stored(portal, org, id)) };
  return ok(answer);
}

export const revokeSchema = z.object({ agents: z.boolean().default(false) });

/** `POST /api/installers/:id/revoke`: no device enrols by it any more; with `{"agents": true}` those that did are shut out, too. */
export async function revokeInstaller(
  portal: PortalContext,
  person: Person,
  id: string,
  body: unknown,
): Promise<Answer> {
  const revoked = checkBody(revokeSchema, body, 'installer-invalid');
  const org = person.organisation.id;
  await stored(portal, org, id);
  const now = portal.now().toISOString();
  await portal.store.credentials.revoke(org, id, now, person.actor);
  const agents = revoked.agents ? await portal.store.installers.revokeAgents(org, id, now, person.actor) : 0;
  return ok({ ok: true, agents });
}

/** `GET /v1/install/kiro.sh` and `.ps1` with an enrolment code as the bearer: the installer with that code inside. */
export async function serveInstaller(
  portal: PortalContext,
  { organisation, credential }: Enroller,
  incoming: IncomingMessage,
  file: string,
): Promise<Answer> {
  const systems: Readonly<Record<string, InstallerSystem>> = { 'kiro.sh': 'linux', 'kiro.ps1': 'windows' };
  const system = systems[file];
  if (system === undefined) throw notFound('installer');
  if (credential.kind !== 'code') {
    throw new Refusal(
      403,
      'code-needed',
      'An installer holds a one-time code; an organisation token must stay with you',
    );
  }
  const made = await portal.store.installers.get(organisation.id, credential.id);
  const code = bearer(incoming);
  const chosen = made?.choices ?? { content: null, hooks: null };
  const text = await render(portal, incoming, system, code, credential.expiresAt, chosen);
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
  return { status: 200, bytes: Buffer.from(text), headers };
}

async function render(
  portal: PortalContext,
  incoming: IncomingMessage,
  system: InstallerSystem,
  code: string,
  expires: string,
  { content, hooks }: { content: string | null; hooks: string | null },
): Promise<string> {
  const words = [...(content === null ? [] : ['--content', content]), ...(hooks === null ? [] : ['--hooks', hooks])];
  const executables = await portal.executables.list();
  return renderInstaller(system, {
    portal: addressBy(wayIn(incoming, portal.trustProxy), incoming.headers.origin),
    code,
    expires,
    executables,
    words,
  });
}

async function stored(portal: PortalContext, org: string, id: string): Promise<StoredInstaller> {
  const found = await portal.store.installers.get(org, id);
  if (found === undefined) throw notFound('installer');
  return found;
}

async function summarise(portal: PortalContext, org: string, installer: StoredInstaller): Promise<InstallerSummary> {
  const { id, choices, madeBy, code, agents } = installer;
  return {
    id,
    ...choices,
    madeBy,
    madeAt: code.createdAt,
    endsAt: code.expiresAt,
    uses: code.uses,
    maxUses: code.maxUses,
    state: installerState(installer, portal.now()),
    agents: { total: agents, newest: agents === 0 ? [] : await portal.store.installers.agents(org, id, MOST_AGENTS) },
  };
}
