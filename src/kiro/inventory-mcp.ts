import * as z from 'zod';
import type { McpServer, Scope } from '../core/event.ts';
import { type FoundFile, fitting, parseJson, readFileIn, record, sha256, shortName, texts } from './inventory-files.ts';
import { frontMatter } from './inventory-markdown.ts';

const optionalText = z.string().optional().catch(undefined);
const serverSchema = z.object({
  command: optionalText,
  args: z.array(z.unknown()).catch([]),
  url: optionalText,
  env: record,
  headers: record,
  disabled: z.boolean().catch(false),
  autoApprove: texts,
});
const fileSchema = z.object({ mcpServers: record, powers: z.object({ mcpServers: record }).catch({ mcpServers: {} }) });

/**
 * The MCP servers configured for a session (kiro/README I1, I2): the user's and the powers', a workspace's in place of a
 * user's of the same name, and those of agent profiles beside them. Of environment and headers only the names.
 */
export async function readMcpServers(
  dotKiro: string,
  roots: readonly string[],
  agents: readonly { file: FoundFile; scope: Scope }[],
): Promise<McpServer[]> {
  const byName = new Map<string, McpServer>();
  const add = (server: McpServer) => byName.set(server.name, server);
  const user = await readFileIn(dotKiro, 'settings', 'mcp.json');
  for (const server of serversIn(user, 'user')) add(server);
  for (const root of roots) {
    const file = await readFileIn(root, '.kiro', 'settings', 'mcp.json');
    for (const server of serversIn(file, 'workspace')) add(server);
  }
  return [...byName.values(), ...agents.flatMap(({ file }) => serversIn(file, 'agent'))];
}

function serversIn(file: FoundFile | null, scope: Scope): McpServer[] {
  const parsed = file === null ? null : parseFile(file);
  if (parsed === null) return [];
  const powers = fitting(parsed.powers.mcpServers, serverSchema).map(([name, server]) =>
    describe(name, server, 'power'),
  );
  return [
    ...fitting(parsed.mcpServers, serverSchema).map(([name, server]) => describe(name, server, scope)),
    ...powers,
  ];
}

/** Agent profiles can be Markdown with the same fields in front. */
function parseFile({ name, text }: FoundFile): z.output<typeof fileSchema> | null {
  return name.endsWith('.md') ? fileSchema.parse(frontMatter(text)) : parseJson(text, fileSchema);
}

function describe(name: string, server: z.output<typeof serverSchema>, scope: Scope): McpServer {
  const { command, args, url, env, headers, disabled, autoApprove } = server;
  const line = command === undefined ? null : [command, ...args.map(String)].map(quote).join(' ');
  const remote = url === undefined ? 'unknown' : 'http';
  return {
    name: shortName(name),
    scope,
    transport: line === null ? remote : 'stdio',
    command: line,
    commandSha256: line === null ? null : sha256(line),
    origin: line === null ? originOf(url) : null,
    disabled,
    autoApprove: autoApprove.map(shortName),
    envNames: Object.keys(env).map(shortName),
    headerNames: Object.keys(headers).map(shortName),
  };
}

/** As a shell would need it, so that the arguments can be told apart. */
function quote(argument: string): string {
  return /^[\w@%+=:,./\\$?{}~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

/** Scheme and host only: paths, queries and user names can hold keys. */
function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return host === '' ? null : shortName(`${protocol}//${host}`);
}
