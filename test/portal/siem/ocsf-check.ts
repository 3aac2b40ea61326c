/** What is wrong with an object by the requirements of OCSF that were gathered in `test/fixtures/ocsf`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Type = string | readonly number[];
type Attributes = Readonly<Record<string, Type>>;
/** By the name of an id: what its values are called. */
type Captions = Readonly<Record<string, Readonly<Record<string, string>>>>;
interface Requirements {
  version: string;
  base: Attributes;
  captions: Captions;
  classes: Readonly<
    Record<
      string,
      {
        category_uid: number;
        profiles?: string[];
        activities: Record<string, string>;
        attributes: Attributes;
        captions?: Captions;
      }
    >
  >;
  profiles: Readonly<Record<string, Attributes>>;
  objects: Readonly<Record<string, { attributes: Attributes; at_least_one?: string[]; captions?: Captions }>>;
}

const file = path.join(import.meta.dirname, '..', '..', 'fixtures', 'ocsf', 'requirements.json');
const REQUIREMENTS = JSON.parse(readFileSync(file, 'utf8')) as Requirements;
/** Ids, and the names beside them that have to be their captions. */
const NAMED = {
  ...{ activity_id: 'activity_name', severity_id: 'severity', status_id: 'status', type_id: 'type' },
  ai_role_id: 'ai_role',
} as const;

/** Empty: it is valid. */
export function ocsfProblems(object: Record<string, unknown>): string[] {
  const found = REQUIREMENTS.classes[String(object.class_uid)];
  if (found === undefined) return [`class_uid: ${String(object.class_uid)} is unknown`];
  const metadata = (object.metadata ?? {}) as { version?: unknown; profiles?: string[] };
  const profiles = metadata.profiles ?? [];
  const attributes = Object.assign(
    { ...REQUIREMENTS.base, ...found.attributes },
    ...profiles.map((profile) => REQUIREMENTS.profiles[profile] ?? {}),
  ) as Attributes;
  const problems = [
    ...checkAttributes(object, attributes, ''),
    ...checkCaptions(object, { ...REQUIREMENTS.captions, ...found.captions }, ''),
  ];
  if (metadata.version !== REQUIREMENTS.version) problems.push('metadata.version: is another');
  if (object.category_uid !== found.category_uid) problems.push('category_uid: is not of the class');
  const id = object.activity_id as number;
  if (object.type_uid !== (object.class_uid as number) * 100 + id) problems.push('type_uid: is not class and activity');
  const caption = found.activities[String(id)];
  if (caption === undefined) problems.push(`activity_id: ${id} is not of the class`);
  else if (caption !== '' && object.activity_name !== caption) problems.push('activity_name: is not the caption');
  for (const profile of profiles)
    if (!found.profiles?.includes(profile)) problems.push(`metadata.profiles: ${profile} is not of the class`);
  return problems;
}

function checkAttributes(object: Record<string, unknown>, attributes: Attributes, at: string): string[] {
  const types = new Map(Object.entries(attributes).map(([name, type]) => [name.replace('!', ''), type]));
  const required = Object.keys(attributes).filter((name) => name.endsWith('!'));
  return [
    ...required.filter((name) => object[name.slice(0, -1)] === undefined).map((name) => `${at}${name}: is missing`),
    ...Object.entries(NAMED)
      .filter(([id, name]) => object[id] === 99 && (typeof object[name] !== 'string' || object[name] === ''))
      .map(([id]) => `${at}${id}: 99 without a name`),
    ...Object.entries(object).flatMap(([name, value]) => {
      const type = types.get(name);
      return type === undefined ? [`${at}${name}: is no attribute`] : checkValue(value, type, `${at}${name}`);
    }),
  ];
}

function checkValue(value: unknown, type: Type, at: string): string[] {
  if (typeof type !== 'string')
    return type.includes(value as number) ? [] : [`${at}: ${String(value)} is not of the enum`];
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at}: is no list`];
    return value.flatMap((item, index) => checkValue(item, type.slice(0, -2), `${at}.${index}`));
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const checks: Record<string, boolean> = {
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    integer: Number.isSafeInteger(value),
    timestamp: Number.isSafeInteger(value) && (value as number) > 1_000_000_000_000,
    object: isObject,
  };
  if (type in checks) return checks[type] ? [] : [`${at}: is no ${type}`];
  const known = REQUIREMENTS.objects[type];
  if (known === undefined || !isObject) return [`${at}: is no ${type}`];
  const given = value as Record<string, unknown>;
  const some = known.at_least_one?.some((name) => given[name] !== undefined) ?? true;
  return [
    ...(some ? [] : [`${at}: has none of what it needs`]),
    ...checkAttributes(given, known.attributes, `${at}.`),
    ...checkCaptions(given, known.captions ?? {}, `${at}.`),
  ];
}

function checkCaptions(object: Record<string, unknown>, captions: Captions, at: string): string[] {
  return Object.entries(NAMED).flatMap(([id, name]) => {
    const caption = captions[id]?.[String(object[id])];
    const given = object[name];
    return caption === undefined || given === undefined || given === caption
      ? []
      : [`${at}${name}: is not the caption`];
  });
}
