import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import type { Power, Scope, Skill, SteeringFile } from '../core/event.ts';
import { folderNamesIn, MAX_ENTRIES, readFileIn, readFilesIn, shortName, shortText } from './inventory-files.ts';

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

/** The YAML between the first two `---` lines; it counts only as the first bytes of the file. Empty when there is none. */
export function frontMatter(text: string): Record<string, unknown> {
  const yaml = FRONT_MATTER.exec(text)?.[1];
  if (yaml === undefined) return {};
  try {
    // Aliases are not followed: they can multiply a short text without end.
    const parsed = z
      .record(z.string(), z.unknown())
      .safeParse(parseYaml(yaml, { maxAliasCount: 0, logLevel: 'silent' }));
    return parsed.success ? parsed.data : {};
  } catch {
    // Whatever is wrong with the YAML, the file is still there and is listed.
    return {};
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? shortText(value) : null);

/** Skills by name (kiro/README I3); a workspace's hides the user's of the same name. */
export async function readSkills(dotKiro: string, roots: readonly string[]): Promise<Skill[]> {
  const byName = new Map<string, Skill>();
  for (const skill of await skillsIn(dotKiro, [], 'user')) byName.set(skill.name, skill);
  for (const root of roots) {
    for (const skill of await skillsIn(root, ['.kiro'], 'workspace')) byName.set(skill.name, skill);
  }
  return [...byName.values()].slice(0, MAX_ENTRIES);
}

async function skillsIn(base: string, parts: string[], scope: Scope): Promise<Skill[]> {
  const skills: Skill[] = [];
  for (const folder of await folderNamesIn(base, ...parts, 'skills')) {
    const file = await readFileIn(base, ...parts, 'skills', folder, 'SKILL.md');
    if (file === null) continue;
    const { name, description } = frontMatter(file.text);
    skills.push({ name: shortName(text(name) ?? folder), scope, description: text(description), sha256: file.sha256 });
  }
  return skills;
}

/** Steering files and `AGENTS.md` (kiro/README I4, I5), the user's and each workspace's. */
export async function readSteering(dotKiro: string, roots: readonly string[]): Promise<SteeringFile[]> {
  const found = await steeringIn(dotKiro, ['steering'], 'user');
  for (const root of roots) {
    found.push(...(await steeringIn(root, ['.kiro', 'steering'], 'workspace')));
    const agents = await readFileIn(root, 'AGENTS.md');
    if (agents !== null)
      found.push({ name: agents.name, scope: 'workspace', inclusion: 'always', sha256: agents.sha256 });
  }
  return found.slice(0, MAX_ENTRIES);
}

async function steeringIn(base: string, parts: string[], scope: Scope): Promise<SteeringFile[]> {
  const files = await readFilesIn(base, parts, /\.md$/i);
  return files.map(({ name, text: content, sha256 }) => ({
    name: shortName(name),
    scope,
    inclusion: name === 'AGENTS.md' ? 'always' : inclusionOf(frontMatter(content).inclusion),
    sha256,
  }));
}

const inclusion = z.enum(['always', 'fileMatch', 'manual', 'auto']);

function inclusionOf(value: unknown): SteeringFile['inclusion'] {
  if (value === undefined || value === null) return 'always';
  return inclusion.safeParse(value).data ?? 'unknown';
}

/** Installed powers by their folder's name (kiro/README I6). */
export async function readPowers(dotKiro: string): Promise<Power[]> {
  const powers: Power[] = [];
  for (const name of await folderNamesIn(dotKiro, 'powers', 'installed')) {
    const file = await readFileIn(dotKiro, 'powers', 'installed', name, 'POWER.md');
    if (file !== null) powers.push({ name: shortName(name), sha256: file.sha256 });
  }
  return powers;
}
