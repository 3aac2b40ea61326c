import type { ComponentChildren } from 'preact';
import type { Inventory, McpServer } from '../../../core/event.ts';

/** What was configured around a session, group by group; empty groups are said in one line. */
export function InventoryView({ inventory }: { inventory: Inventory }) {
  const { mcpServers, skills, steering, powers, hooks, customAgents, trust } = inventory;
  return (
    <div class="inventory">
      <Group name="MCP servers" items={mcpServers} draw={(server) => <McpServerItem server={server} />} />
      <Group
        name="Skills"
        items={skills}
        draw={(skill) => <Item name={skill.name} scope={skill.scope} note={skill.description} sha256={skill.sha256} />}
      />
      <Group
        name="Steering"
        items={steering}
        draw={(file) => <Item name={file.name} scope={file.scope} note={file.inclusion} sha256={file.sha256} />}
      />
      <Group
        name="Hooks"
        items={hooks}
        draw={(hook) => (
          <Item
            name={hook.ours ? `${hook.name} (Capsule's own)` : hook.name}
            scope={hook.scope}
            note={`${hook.trigger}: ${hook.action}`}
            sha256={hook.sha256}
          />
        )}
      />
      <Group
        name="Trusted"
        items={trust}
        draw={(entry) => (
          <Item
            name={entry.pattern}
            scope={entry.scope}
            note={`${entry.effect} ${entry.kind}, by ${entry.source}${entry.ours ? " (Capsule's own)" : ''}`}
            warn={entry.effect === 'allow' && entry.pattern === '*'}
          />
        )}
      />
      <Group name="Powers" items={powers} draw={(power) => <Item name={power.name} sha256={power.sha256} />} />
      <Group
        name="Custom agents"
        items={customAgents}
        draw={(agent) => <Item name={agent.name} scope={agent.scope} sha256={agent.sha256} />}
      />
    </div>
  );
}

function Group<T>({ name, items, draw }: { name: string; items: T[]; draw(item: T): ComponentChildren }) {
  return (
    <section class="inventory-group">
      <h3>
        {name} <span class="meta">{items.length === 0 ? 'none' : items.length}</span>
      </h3>
      {items.length > 0 && (
        <ul>
          {items.map((item, index) => (
            <li key={index}>{draw(item)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function McpServerItem({ server }: { server: McpServer }) {
  const approvesAll = server.autoApprove.includes('*');
  return (
    <div class="item">
      <div class="item-head">
        <span class="item-name">{server.name}</span>
        <span class="tag">{server.scope}</span>
        <span class="tag">{server.transport}</span>
        {server.disabled && <span class="tag">disabled</span>}
        {approvesAll && <span class="tag tag-warn">approves every tool</span>}
      </div>
      <div class="mono item-note">{server.command ?? server.origin ?? 'neither command nor address is recorded'}</div>
      <Names what="Runs without asking" names={approvesAll ? [] : server.autoApprove} />
      <Names what="Environment" names={server.envNames} />
      <Names what="Headers" names={server.headerNames} />
    </div>
  );
}

const Names = ({ what, names }: { what: string; names: string[] }) =>
  names.length === 0 ? null : (
    <div class="meta">
      {what}: <span class="mono">{names.join(', ')}</span>
    </div>
  );

interface ItemProps {
  name: string;
  scope?: string;
  note?: string | null;
  sha256?: string;
  warn?: boolean;
}
const Item = ({ name, scope, note, sha256, warn = false }: ItemProps) => (
  <div class="item">
    <div class="item-head">
      <span class="item-name">{name}</span>
      {scope !== undefined && <span class={warn ? 'tag tag-warn' : 'tag'}>{scope}</span>}
      {sha256 !== undefined && (
        <span class="hash mono" title={`SHA-256 ${sha256}`}>
          {sha256.slice(0, 8)}
        </span>
      )}
    </div>
    {note !== undefined && note !== null && note !== '' && <div class="item-note">{note}</div>}
  </div>
);
