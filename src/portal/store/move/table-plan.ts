/** A column as PostgreSQL has it, with what it calls the type (`text`, `int8`, …). */
export interface Column {
  name: string;
  type: string;
}

/** How a table's rows are read from SQLite, and which columns of PostgreSQL they fill, under these names. */
export interface TablePlan {
  table: string;
  read: string;
  columns: readonly Column[];
}

interface Otherwise {
  /** Columns of SQLite's that are not copied as they are. */
  leaves: readonly string[];
  /** Columns of PostgreSQL's, by what is read for them; null for what is computed from the row. */
  adds: Readonly<Record<string, string | null>>;
  /** Where the table, called `t`, is read from beside itself, and in which order. */
  from?: string;
}

/**
 * What PostgreSQL has otherwise. A row of `events` or `acts` is numbered by its place in the chain, and a link of the chain says
 * when what it is about was stored.
 */
const OTHERWISE: Readonly<Record<string, Otherwise>> = {
  events: { leaves: ['seq', 'position'], adds: { seq: 't.position', words: null }, from: 'events t ORDER BY t.seq' },
  acts: {
    leaves: ['seq'],
    adds: { seq: 'c.position' },
    from: `chain c CROSS JOIN acts t ON c.what = 'act' AND t.seq = c.ref AND t.org_id = c.org_id`,
  },
  chain: {
    leaves: ['ref'],
    adds: { at: 'coalesce(e.received_at, a.time)' },
    from: `chain t LEFT JOIN events e ON t.what = 'event' AND e.seq = t.ref LEFT JOIN acts a ON t.what = 'act' AND a.seq = t.ref
      ORDER BY t.org_id, t.position`,
  },
  inventory_items: { leaves: [], adds: { item_hash: null } },
  // Computed by either database itself.
  detections: { leaves: ['rank'], adds: {} },
};

/** `user` is a word of PostgreSQL's own. */
const RENAMED: Readonly<Record<string, string>> = { user: 'user_name' };

/** What is copied of a table: everything that SQLite has of it. Throws for a column that has no place in PostgreSQL. Pure. */
export function planTable(table: string, from: readonly string[], to: readonly Column[]): TablePlan {
  const { leaves, adds, from: source = `"${table}" t` }: Otherwise = OTHERWISE[table] ?? { leaves: [], adds: {} };
  const copied = from
    .filter((name) => !leaves.includes(name))
    .map((name): [string, string] => [RENAMED[name] ?? name, `t."${name}"`]);
  const filled = [...copied, ...Object.entries(adds)];
  const columns = filled.map(([name]) => {
    const column = to.find((each) => each.name === name);
    if (column === undefined) throw new Error(`${table}.${name} has no place in PostgreSQL`);
    return column;
  });
  const read = filled.map(([name, what]) => `${what ?? 'NULL'} AS "${name}"`).join(', ');
  return { table, read: `SELECT ${read} FROM ${source}`, columns };
}

/** `INSERT` of many rows at once: each column is an array. Pure. */
export function insertText({ table, columns }: Pick<TablePlan, 'table' | 'columns'>): string {
  const arrays = columns.map(({ type }) => `?::${type}[]`).join(', ');
  return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) SELECT * FROM unnest(${arrays})`;
}
