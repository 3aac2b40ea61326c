import { parseArgs } from 'node:util';

export interface LoadOptions {
  agents: number;
  /** How long all of it may take; it ends earlier when all is done. */
  minutes: number;
  database: 'sqlite' | 'postgres';
  replicas: number;
  json: boolean;
  /** Puts the table into the README. */
  write: boolean;
  assumed: Assumptions;
}

/** What is not measured but assumed; each can be said on the command line. None is any vendor's figure or price. */
export interface Assumptions {
  turnsADay: number;
  /** How much more comes in the busiest minutes than on an average of the working hours. */
  peak: number;
  workingHours: number;
  retentionMonths: number;
  /** Money, in whatever currency, of a processor core for an hour and of a GB kept for a month. */
  coreHour: number;
  gbMonth: number;
  /** The share of a core that is planned for. */
  planned: number;
  /** How many developers the last rows reckon with. */
  fleet: number;
}

const NUMBERS = {
  agents: '10000',
  minutes: '30',
  replicas: '',
  'turns-a-day': '60',
  peak: '3',
  'working-hours': '8',
  'retention-months': '3',
  'core-hour': '0.05',
  'gb-month': '0.10',
  planned: '0.6',
  fleet: '100000',
} as const;

/** Reads the command line of `npm run load`. Throws an Error that says what is wrong with it. */
export function readOptions(args: readonly string[]): LoadOptions {
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...numbers,
      database: { type: 'string', default: 'sqlite' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const given = values as Record<string, string | boolean | undefined>;
  const { database } = given;
  if (database !== 'sqlite' && database !== 'postgres') throw new Error('--database is sqlite or postgres');
  const number = (name: keyof typeof NUMBERS, usual: string = NUMBERS[name]): number => {
    const value = Number(given[name] ?? usual);
    if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} must be a number above 0`);
    return value;
  };
  const replicas = number('replicas', database === 'postgres' ? '2' : '1');
  if (database === 'sqlite' && replicas !== 1)
    throw new Error('SQLite is for one portal: --database postgres for more');
  return {
    ...{ agents: Math.floor(number('agents')), minutes: number('minutes'), database, replicas },
    ...{ json: given.json === true, write: given.write === true },
    assumed: {
      turnsADay: number('turns-a-day'),
      peak: number('peak'),
      workingHours: number('working-hours'),
      retentionMonths: number('retention-months'),
      coreHour: number('core-hour'),
      gbMonth: number('gb-month'),
      planned: number('planned'),
      fleet: number('fleet'),
    },
  };
}
