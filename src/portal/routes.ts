import type { IncomingMessage } from 'node:http';
import { listActs, listTokens, revokeToken } from './administration-api.ts';
import { getAgent, listAgents, spreadOfAgents } from './agents-api.ts';
import { type Answer, ok } from './answer.ts';
import {
  authenticateDevice,
  authenticateEnroller,
  authenticatePerson,
  type Device,
  type Enroller,
  type Person,
} from './authenticate.ts';
import { readJson } from './body.ts';
import {
  changeDetection,
  changeDetections,
  countDetections,
  detectionTimes,
  getContext,
  getDetection,
  listDetections,
} from './detections-api.ts';
import { enrol, heartbeat, renew } from './enrolment.ts';
import { countEvents, getEvent, getFacts, listEvents } from './events-api.ts';
import { exportActs, exportList } from './export/export-api.ts';
import { exportSession } from './export/session-export.ts';
import { takeEvents } from './ingest.ts';
import {
  getInstaller,
  listInstallers,
  makeInstaller,
  revokeInstaller,
  serveInstaller,
} from './installers/installers-api.ts';
import { serveExecutable } from './installers/serve-executable.ts';
import { offerUpgrade } from './installers/upgrade-api.ts';
import { getRings, resumeUpgrade, setRings } from './installers/upgrade-rings-api.ts';
import { changeMember, choosePassword, inviteMember, listMembers, makeKey } from './members-api.ts';
import { tellMetrics } from './metrics-api.ts';
import { chainHead, listChanges, listFacets, listHeld, listHours, overview } from './observation-api.ts';
import type { Asker } from './openapi/describe-api.ts';
import { makeOwnLink } from './own-view/own-link-api.ts';
import { ownPortal } from './own-view/own-portal.ts';
import {
  checkPolicy,
  createPolicy,
  getPolicy,
  listPolicies,
  removePolicy,
  tryPolicy,
  updatePolicy,
} from './policies-api.ts';
import { cancelRun, getRun, startDryRun, startJudging } from './policy-runs-api.ts';
import type { PortalContext } from './portal-context.ts';
import { changeRetention, getRetention, previewRetention } from './retention-api.ts';
import type { Role } from './roles.ts';
import { search } from './search-api.ts';
import { findInSession } from './session-matches-api.ts';
import { getSession, listSessions, listTurns } from './sessions-api.ts';
import { changeStream, createStream, listStreams, removeStream, renewSecret, testStream } from './siem/streams-api.ts';
import { me, signIn, signOut } from './sign-in.ts';
import { streamChanges } from './stream.ts';
import {
  createWebhook,
  listDeliveries,
  listWebhooks,
  removeWebhook,
  switchWebhook,
  testWebhook,
} from './webhooks-api.ts';

/** A request that matched a route. `id` is what stands for `:id` in its path. */
export interface Asked {
  portal: PortalContext;
  incoming: IncomingMessage;
  query: URLSearchParams;
  id: string;
}
type AskedByPerson = Asked & {
  /** Whether whoever asked would be let in now, too. */
  stillIn(): Promise<boolean>;
};
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export interface Route {
  method: Method;
  path: string;
  /** Whom it answers; `answer` sees to it. */
  who: Asker;
  answer(asked: Asked): Promise<Answer>;
}

/** Everything the portal answers, but for the page's files. Who asks is settled before the body is read. */
export const ROUTES: readonly Route[] = [
  forEnroller('/v1/enroll', enrol),
  forDevice('/v1/events', takeEvents),
  forDevice('/v1/heartbeat', heartbeat),
  {
    method: 'POST',
    path: '/v1/renew',
    who: 'device',
    answer: async ({ portal, incoming }) => renew(portal, await authenticateDevice(portal, incoming)),
  },
  {
    method: 'GET',
    path: '/v1/install/:id',
    who: 'enroller',
    answer: async ({ portal, incoming, id }) =>
      serveInstaller(portal, await authenticateEnroller(portal, incoming), incoming, id),
  },
  forAnybody('GET', '/v1/download/:id', ({ portal, id }) => serveExecutable(portal, id)),
  {
    method: 'GET',
    path: '/v1/upgrade',
    who: 'device',
    async answer({ portal, incoming, query }) {
      return offerUpgrade(portal, await authenticateDevice(portal, incoming), query);
    },
  },

  forAnybody('GET', '/api/health', async ({ portal }) => ok({ ok: true, version: portal.version })),
  forAnybody('GET', '/api/openapi.json', async ({ portal }) => ok(await documentOf(portal.version))),
  forAnybody('POST', '/api/sign-in', async ({ portal, incoming }) =>
    signIn(portal, incoming, await readJson(incoming)),
  ),
  forPerson('viewer', 'POST', '/api/sign-out', (person, { portal, incoming }) => signOut(portal, person, incoming)),
  forPerson('viewer', 'GET', '/api/me', (person, { portal }) => me(portal, person)),
  forPerson('viewer', 'GET', '/api/events', (person, { portal, query }) => listEvents(portal, person, query)),
  forPerson('viewer', 'GET', '/api/counts', (person, { portal, query }) => countEvents(portal, person, query)),
  forPerson('viewer', 'GET', '/api/facets', (person, { portal, query }) => listFacets(portal, person, query)),
  forPerson('viewer', 'GET', '/api/hours', (person, { portal, query }) => listHours(portal, person, query)),
  forPerson('viewer', 'GET', '/api/overview', (person, { portal }) => overview(portal, person)),
  forPerson('viewer', 'GET', '/api/search', (person, { portal, query }) => search(portal, person, query)),
  forPerson('viewer', 'GET', '/api/metrics', (person, { portal }) => tellMetrics(portal, person)),
  forPerson('viewer', 'GET', '/api/chain', (person, { portal }) => chainHead(portal, person)),
  forPerson('viewer', 'GET', '/api/inventory/:id', (person, { portal, id, query }) =>
    listHeld(portal, person, id, query),
  ),
  forPerson('admin', 'GET', '/api/exports/acts', (person, { portal, query }) => exportActs(portal, person, query)),
  forPerson('viewer', 'GET', '/api/exports/:id', (person, { portal, id, query }) =>
    exportList(portal, person, id, query),
  ),
  forPerson('viewer', 'GET', '/api/events/:id', (person, { portal, id }) => getEvent(portal, person, id)),
  forPerson('viewer', 'GET', '/api/events/:id/facts', (person, { portal, id }) => getFacts(portal, person, id)),
  forPerson('viewer', 'GET', '/api/agents', (person, { portal, query }) => listAgents(portal, person, query)),
  forPerson('viewer', 'GET', '/api/agents/spread', (person, { portal, query }) =>
    spreadOfAgents(portal, person, query),
  ),
  forPerson('viewer', 'GET', '/api/agents/:id', (person, { portal, id }) => getAgent(portal, person, id)),
  forPerson('viewer', 'GET', '/api/agents/:id/changes', (person, { portal, id, query }) =>
    listChanges(portal, person, id, query),
  ),
  forPerson('admin', 'POST', '/api/agents/:id/own-link', async (person, { portal, incoming, id }) =>
    makeOwnLink(portal, person, { id, incoming, body: await readJson(incoming) }),
  ),
  forPerson('viewer', 'GET', '/api/sessions', (person, { portal, query }) => listSessions(portal, person, query)),
  forPerson('viewer', 'GET', '/api/sessions/:id', (person, { portal, id }) => getSession(portal, person, id)),
  forPerson('viewer', 'GET', '/api/sessions/:id/turns', (person, { portal, id, query }) =>
    listTurns(portal, person, id, query),
  ),
  forPerson('viewer', 'GET', '/api/sessions/:id/matches', (person, { portal, id, query }) =>
    findInSession(portal, person, id, query),
  ),
  forPerson('viewer', 'GET', '/api/sessions/:id/export', (person, { portal, id, query }) =>
    exportSession(portal, person, id, query),
  ),
  forPerson('viewer', 'GET', '/api/stream', async (person, { portal, stillIn }) =>
    streamChanges(portal.announcer, person.organisation.id, stillIn),
  ),
  forPerson('viewer', 'GET', '/api/policies', (person, { portal }) => listPolicies(portal, person)),
  forPerson('analyst', 'POST', '/api/policies', async (person, { portal, incoming }) =>
    createPolicy(portal, person, await readJson(incoming)),
  ),
  forPerson('viewer', 'POST', '/api/policies/check', async (_person, { incoming }) =>
    checkPolicy(await readJson(incoming)),
  ),
  forPerson('analyst', 'POST', '/api/policies/try', async (person, { portal, incoming }) =>
    tryPolicy(portal, person, await readJson(incoming)),
  ),
  forPerson('viewer', 'GET', '/api/policies/:id', (person, { portal, id }) => getPolicy(portal, person, id)),
  forPerson('analyst', 'PATCH', '/api/policies/:id', async (person, { portal, incoming, id }) =>
    updatePolicy(portal, person, { id, incoming, body: await readJson(incoming) }),
  ),
  forPerson('analyst', 'DELETE', '/api/policies/:id', (person, { portal, incoming, id }) =>
    removePolicy(portal, person, incoming, id),
  ),
  forPerson('analyst', 'POST', '/api/policies/:id/dry-run', async (person, { portal, incoming, id }) =>
    startDryRun(portal, person, id, await readJson(incoming)),
  ),
  forPerson('analyst', 'POST', '/api/policies/:id/judge', async (person, { portal, incoming, id }) =>
    startJudging(portal, person, id, await readJson(incoming)),
  ),
  forPerson('viewer', 'GET', '/api/policy-runs/:id', (person, { portal, id }) => getRun(portal, person, id)),
  forPerson('analyst', 'DELETE', '/api/policy-runs/:id', (person, { portal, id }) => cancelRun(portal, person, id)),
  forPerson('viewer', 'GET', '/api/detections', (person, { portal, query }) => listDetections(portal, person, query)),
  forPerson('viewer', 'GET', '/api/detections/times', (person, { portal, query }) =>
    detectionTimes(portal, person, query),
  ),
  forPerson('viewer', 'GET', '/api/detections/counts', (person, { portal }) => countDetections(portal, person)),
  forPerson('analyst', 'POST', '/api/detections/changes', async (person, { portal, incoming }) =>
    changeDetections(portal, person, await readJson(incoming)),
  ),
  forPerson('viewer', 'GET', '/api/detections/:id/context', (person, { portal, id }) => getContext(portal, person, id)),
  forPerson('viewer', 'GET', '/api/detections/:id', (person, { portal, id }) => getDetection(portal, person, id)),
  forPerson('analyst', 'PATCH', '/api/detections/:id', async (person, { portal, incoming, id }) =>
    changeDetection(portal, person, { id, incoming, body: await readJson(incoming) }),
  ),
  forPerson('admin', 'GET', '/api/webhooks', (person, { portal }) => listWebhooks(portal, person)),
  forPerson('admin', 'POST', '/api/webhooks', async (person, { portal, incoming }) =>
    createWebhook(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'PATCH', '/api/webhooks/:id', async (person, { portal, incoming, id }) =>
    switchWebhook(portal, person, id, await readJson(incoming)),
  ),
  forPerson('admin', 'GET', '/api/webhooks/:id/deliveries', (person, { portal, id }) =>
    listDeliveries(portal, person, id),
  ),
  forPerson('admin', 'POST', '/api/webhooks/:id/test', (person, { portal, id }) => testWebhook(portal, person, id)),
  forPerson('admin', 'DELETE', '/api/webhooks/:id', (person, { portal, id }) => removeWebhook(portal, person, id)),
  forPerson('admin', 'GET', '/api/siem-streams', (person, { portal }) => listStreams(portal, person)),
  forPerson('admin', 'POST', '/api/siem-streams', async (person, { portal, incoming }) =>
    createStream(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'PATCH', '/api/siem-streams/:id', async (person, { portal, incoming, id }) =>
    changeStream(portal, person, id, await readJson(incoming)),
  ),
  forPerson('admin', 'POST', '/api/siem-streams/:id/secret', (person, { portal, id }) =>
    renewSecret(portal, person, id),
  ),
  forPerson('admin', 'POST', '/api/siem-streams/:id/test', (person, { portal, id }) => testStream(portal, person, id)),
  forPerson('admin', 'DELETE', '/api/siem-streams/:id', (person, { portal, id }) => removeStream(portal, person, id)),
  forPerson('admin', 'GET', '/api/audit', (person, { portal, query }) => listActs(portal, person, query)),
  forPerson('viewer', 'POST', '/api/me/password', async (person, { portal, incoming }) =>
    choosePassword(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'GET', '/api/members', (person, { portal }) => listMembers(portal, person)),
  forPerson('admin', 'POST', '/api/members', async (person, { portal, incoming }) =>
    inviteMember(portal, person, incoming, await readJson(incoming)),
  ),
  forPerson('admin', 'PATCH', '/api/members/:id', async (person, { portal, incoming, id }) =>
    changeMember(portal, person, id, await readJson(incoming)),
  ),
  forPerson('viewer', 'GET', '/api/upgrade-rings', (person, { portal }) => getRings(portal, person)),
  forPerson('admin', 'PATCH', '/api/upgrade-rings', (person, { portal, incoming }) =>
    setRings(portal, person, incoming),
  ),
  forPerson('admin', 'POST', '/api/upgrade-rings/:id/resume', (person, { portal, id }) =>
    resumeUpgrade(portal, person, id),
  ),
  forPerson('viewer', 'GET', '/api/retention', (person, { portal }) => getRetention(portal, person)),
  forPerson('admin', 'PATCH', '/api/retention', async (person, { portal, incoming }) =>
    changeRetention(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'POST', '/api/retention/preview', async (person, { portal, incoming }) =>
    previewRetention(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'POST', '/api/keys', async (person, { portal, incoming }) =>
    makeKey(portal, person, await readJson(incoming)),
  ),
  forPerson('admin', 'GET', '/api/installers', (person, { portal }) => listInstallers(portal, person)),
  forPerson('admin', 'POST', '/api/installers', async (person, { portal, incoming }) =>
    makeInstaller(portal, person, incoming, await readJson(incoming)),
  ),
  forPerson('admin', 'GET', '/api/installers/:id', (person, { portal, id }) => getInstaller(portal, person, id)),
  forPerson('admin', 'POST', '/api/installers/:id/revoke', async (person, { portal, incoming, id }) =>
    revokeInstaller(portal, person, id, await readJson(incoming)),
  ),
  forPerson('admin', 'GET', '/api/tokens', (person, { portal, query }) => listTokens(portal, person, query)),
  forPerson('admin', 'POST', '/api/tokens/:id/revoke', (person, { portal, id }) => revokeToken(portal, person, id)),
];

let document: { version: string; made: Promise<object> } | undefined;
/** Made once: it takes a tenth of a second, and anybody may ask for it. */
function documentOf(version: string): Promise<object> {
  if (document?.version !== version) {
    const made = import('./openapi/describe-api.ts').then(({ describeApi }) => describeApi(ROUTES, version));
    document = { version, made };
  }
  return document.made;
}

function forAnybody(method: Method, path: string, answer: Route['answer']): Route {
  return { method, path, who: 'anybody', answer };
}

function forDevice(
  path: string,
  run: (portal: PortalContext, device: Device, body: unknown) => Promise<Answer>,
): Route {
  return {
    ...{ method: 'POST', path, who: 'device' },
    answer: ({ portal, incoming }) =>
      portal.admission.admit(path, async (turn) => {
        const device = await authenticateDevice(portal, incoming);
        const body = await readJson(incoming);
        return turn(() => run(portal, device, body));
      }),
  };
}

function forEnroller(
  path: string,
  run: (portal: PortalContext, enroller: Enroller, body: unknown) => Promise<Answer>,
): Route {
  return {
    ...{ method: 'POST', path, who: 'enroller' },
    answer: ({ portal, incoming }) =>
      portal.admission.admit(path, async (turn) => {
        const enroller = await authenticateEnroller(portal, incoming);
        const body = await readJson(incoming);
        return turn(() => run(portal, enroller, body));
      }),
  };
}

function forPerson(
  role: Role,
  method: Method,
  path: string,
  run: (person: Person, asked: AskedByPerson) => Promise<Answer>,
): Route {
  return {
    ...{ method, path, who: role },
    async answer(asked) {
      const person = await authenticatePerson(asked.portal, asked.incoming, role);
      const stillIn = () =>
        authenticatePerson(asked.portal, asked.incoming, role).then(
          () => true,
          () => false,
        );
      if (person.device === null) return run(person, { ...asked, stillIn });
      const { device, credentialId } = person;
      return run(person, {
        ...asked,
        stillIn,
        portal: ownPortal(asked.portal, { device, credentialId }, `${method} ${path}`),
      });
    },
  };
}

/** The route for a path, and what stands for `:id`. `known` tells a wrong method from an unknown path. */
export function findRoute(
  method: string,
  pathname: string,
): { route: Route; id: string } | { route: undefined; known: boolean } {
  let known = false;
  for (const route of ROUTES) {
    const id = matchPath(route.path, pathname);
    if (id === undefined) continue;
    known = true;
    if (route.method === method) return { route, id };
  }
  return { route: undefined, known };
}

function matchPath(pattern: string, pathname: string): string | undefined {
  const wanted = pattern.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return undefined;
  let id = '';
  for (const [index, part] of given.entries()) {
    if (wanted[index] === ':id') id = decode(part);
    else if (wanted[index] !== part) return undefined;
  }
  return id;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone % stands for itself: no id holds one, so it is simply not found.
    return part;
  }
}
