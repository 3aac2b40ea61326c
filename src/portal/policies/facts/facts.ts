import type { Bodies, CapsuleEvent, ContentLevel, Json } from '../../../core/event.ts';
import { CONTENT_LEVELS } from '../../../core/event.ts';
import { type Changes, changesOf } from './changes.ts';
import { type CommandFacts, readCommand } from './command-facts.ts';
import { hostsIn } from './hosts.ts';
import { isInside, normalisePath } from './places.ts';
import { hiddenIn, keysIn, textsOf } from './texts.ts';
import { readArguments, type ToolArguments } from './tool-arguments.ts';

/** Rises when the same event gives other facts. */
export const FACTS_VERSION = 2;

export type Op = 'execute' | 'read' | 'write' | 'delete' | 'search' | 'fetch' | 'move' | 'mcp' | 'other' | '';

/** What an event says, brought into one form: `event.facts`. Paths as `normalisePath` writes them; each list holds 500 at most. */
export interface Facts {
  version: number;
  op: Op;
  command: string;
  /** The simple commands that really run, one a line. */
  script: string;
  programs: string[];
  /** Programs that feed one another, joined by `|`. */
  pipelines: string[];
  paths: string[];
  writes: string[];
  deletes: string[];
  /** Files that came from the network. */
  downloads: string[];
  /** Files that are executed or made executable. */
  runs: string[];
  workspace: string;
  /** A file tool touched a path outside the workspace. */
  outside: boolean;
  hosts: string[];
  text: string;
  output: string;
  /** Quoted names before a colon in `text`. */
  keys: string[];
  /** Characters in `text` and `output` that nobody sees. */
  hidden: number;
  /** A bound was met: not everything was looked at. */
  incomplete: boolean;
  changes: Changes;
}

/** What was known of the event's device and workspace before it. */
export interface Before {
  content: ContentLevel | null;
}

const MAX_TEXT = 65_536;
const MAX_LIST = 500;

/** The facts of an event. Pure, and its work is bounded whatever the event holds. */
export function factsOf(event: CapsuleEvent, before: Before): Facts {
  const user = event.device.user;
  const workspace = normalisePath(event.workspace?.path ?? '', { folder: '', user });
  const facts: Facts = { ...empty(), workspace, changes: changesOf(event) };
  facts.changes.contentLowered =
    before.content !== null && CONTENT_LEVELS.indexOf(event.source.content) > CONTENT_LEVELS.indexOf(before.content);
  if (event.kind === 'tool.invoked') addTool(facts, event.body, { folder: workspace, user }, event.device.os);
  else if ('text' in event.body) facts.text = (event.body.text ?? '').slice(0, MAX_TEXT);
  facts.keys = event.kind === 'tool.invoked' ? keysIn(facts.text) : [];
  facts.hidden = hiddenIn(facts.text) + hiddenIn(facts.output);
  return facts;
}

function empty(): Omit<Facts, 'workspace' | 'changes'> {
  const lists = {
    programs: [],
    pipelines: [],
    paths: [],
    writes: [],
    deletes: [],
    downloads: [],
    runs: [],
    hosts: [],
    keys: [],
  };
  const texts = { command: '', script: '', text: '', output: '' };
  return { version: FACTS_VERSION, op: '', ...texts, ...lists, outside: false, hidden: 0, incomplete: false };
}

const OPS: readonly string[] = ['execute', 'read', 'delete', 'search', 'fetch', 'move'];

function opOf({ kind, mcpServer }: Bodies['tool.invoked']): Op {
  if (mcpServer !== null) return 'mcp';
  if (kind === 'edit') return 'write';
  return OPS.includes(kind ?? '') ? (kind as Op) : 'other';
}

interface Where {
  folder: string;
  user: string;
}

function addTool(facts: Facts, body: Bodies['tool.invoked'], where: Where, os: CapsuleEvent['device']['os']): void {
  facts.op = opOf(body);
  const args = readArguments(body.arguments);
  facts.output = textsOf(body.result as Json, MAX_TEXT);
  facts.text = args.content.join('\n').slice(0, MAX_TEXT);
  if (facts.op === 'execute') {
    facts.command = args.command.slice(0, MAX_TEXT);
    const folder = args.folder === '' ? where.folder : normalisePath(args.folder, where);
    addCommand(facts, readCommand(facts.command, { ...where, folder }, os === 'win32' ? 'windows' : 'posix'));
    facts.incomplete ||= args.command.length > MAX_TEXT;
  } else addFiles(facts, args, where);
}

function addCommand(facts: Facts, command: CommandFacts): void {
  facts.script = command.lines.join('\n').slice(0, MAX_TEXT);
  for (const name of ['programs', 'pipelines', 'paths', 'writes', 'deletes', 'downloads', 'runs', 'hosts'] as const) {
    facts[name] = [...command[name]].slice(0, MAX_LIST);
    facts.incomplete ||= command[name].size > MAX_LIST;
  }
  facts.incomplete ||= command.incomplete;
}

function addFiles(facts: Facts, args: ToolArguments, where: Where): void {
  const isAddress = (text: string) => /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const named = (texts: readonly string[]) => [
    ...new Set(
      texts
        .filter((text) => text !== '' && !isAddress(text))
        .slice(0, MAX_LIST)
        .map((text) => normalisePath(text, where)),
    ),
  ];
  const [paths, targets] = [named(args.paths), named(args.targets)];
  const isFileTool = ['read', 'write', 'delete', 'search', 'move'].includes(facts.op);
  facts.paths = [...new Set([...paths, ...targets])].slice(0, MAX_LIST);
  if (facts.op === 'write') facts.writes = facts.paths;
  if (facts.op === 'delete') facts.deletes = facts.paths;
  if (facts.op === 'move') Object.assign(facts, { writes: targets, deletes: paths });
  facts.outside = isFileTool && facts.workspace !== '' && facts.paths.some((path) => !isInside(path, facts.workspace));
  const asked = facts.op === 'write' ? [] : [...args.paths, ...args.targets, ...args.rest, args.command];
  const texts = facts.op === 'mcp' ? [...asked, ...args.content] : asked;
  facts.hosts = [...new Set(texts.flatMap((text) => hostsIn(text.slice(0, MAX_TEXT))))].slice(0, MAX_LIST);
}
