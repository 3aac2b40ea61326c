import type { ChainHead } from '../../observed.ts';
import { ACT_COLUMNS, type ActRow, toAct } from '../act-row.ts';
import { actDigest, eventDigest } from '../chain-hash.ts';
import type { ChainLink, ObservationStore } from '../observation-store.ts';
import type { Database, OfOrg } from './database.ts';

/** So many events are read at once to be hashed again. */
const AT_ONCE = 200;

type ChainReads = Pick<ObservationStore, 'chainHead' | 'chainLinks' | 'unchained'>;

/** How an organisation's chain is read and compared with what is stored. */
export function chainReadsIn(database: Database): ChainReads {
  return {
    chainHead: (org) =>
      database
        .of(org)
        .get<ChainHead>(
          `SELECT position, encode(hash, 'hex') AS hash FROM chain WHERE org_id = $1 ORDER BY position DESC LIMIT 1`,
        ),
    chainLinks: (org, behind, limit) => database.reading(org, (rows) => readLinks(rows, behind, limit)),
    async unchained(org) {
      const row = await database.of(org).get<{ n: number }>(
        `SELECT (SELECT count(*) FROM events e WHERE e.org_id = $1 AND ${inNoLink('event', 'e')})
           + (SELECT count(*) FROM acts a WHERE a.org_id = $1 AND ${inNoLink('act', 'a')}) AS n`,
      );
      return row?.n ?? 0;
    },
  };
}

const inNoLink = (what: string, row: string) => `NOT EXISTS (SELECT 1 FROM chain c
  WHERE c.org_id = $1 AND c.position = ${row}.seq AND c.what = '${what}')`;

interface LinkRow {
  position: number;
  what: 'event' | 'act';
  at: string;
  digest: Buffer;
  hash: Buffer;
}

async function readLinks(rows: OfOrg, behind: number, limit: number): Promise<ChainLink[]> {
  const links = await rows.all<LinkRow>(
    `SELECT position, what, at, digest, hash FROM chain WHERE org_id = $1 AND position > ? ORDER BY position LIMIT ?`,
    [behind, limit],
  );
  const events = await eventDigests(
    rows,
    links.filter(({ what }) => what === 'event'),
  );
  const acts = await actDigests(
    rows,
    links.filter(({ what }) => what === 'act'),
  );
  return links.map(({ position, what, digest, hash }) => ({
    ...{ position, what, ref: position, digest: digest.toString('hex'), hash: hash.toString('hex') },
    stored: (what === 'event' ? events : acts).get(position),
  }));
}

/** The digests of what is stored now, computed anew from the rows themselves. */
async function eventDigests(rows: OfOrg, links: readonly LinkRow[]): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  const read = async (positions: readonly number[], condition: string, values: readonly string[]) => {
    const found = await rows.all<{ seq: number; id: string; at: string; event: string }>(
      `SELECT seq, event_id AS id, received_at AS at, event FROM events
       WHERE org_id = $1 AND seq = ANY(?::bigint[])${condition}`,
      [positions, ...values],
    );
    for (const { seq, id, at, event } of found) digests.set(seq, hex(eventDigest(id, at, event)));
  };
  for (let from = 0; from < links.length; from += AT_ONCE) {
    const some = links.slice(from, from + AT_ONCE);
    const times = some.map(({ at }) => at).sort();
    const span = [times[0] ?? '', times.at(-1) ?? ''];
    await read(
      some.map(({ position }) => position),
      ' AND received_at >= ? AND received_at <= ?',
      span,
    );
    // What is not where it arrived was removed, or its time of arrival was changed, which has to show.
    const missing = some.map(({ position }) => position).filter((position) => !digests.has(position));
    if (missing.length > 0) await read(missing, '', []);
  }
  return digests;
}

async function actDigests(rows: OfOrg, links: readonly LinkRow[]): Promise<Map<number, string>> {
  const found = await rows.all<ActRow & { seq: number }>(
    `SELECT seq, ${ACT_COLUMNS} FROM acts WHERE org_id = $1 AND seq = ANY(?::bigint[])`,
    [links.map(({ position }) => position)],
  );
  return new Map(found.map((row) => [row.seq, hex(actDigest(toAct(row)))]));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
