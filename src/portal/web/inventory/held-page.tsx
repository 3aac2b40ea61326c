import type { McpServer } from '../../../core/event.ts';
import type { HeldAnswer, HoldersAnswer } from '../../answers.ts';
import type { HeldItem } from '../../observed.ts';
import { counted, number } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { AGENTS, agentAddress, HELD } from '../pages.ts';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';

export type HeldPart = keyof typeof HELD;
const WORDS: Readonly<Record<HeldPart, { title: string; one: string }>> = {
  mcpServer: { title: 'MCP servers', one: 'MCP server' },
  skill: { title: 'Skills', one: 'skill' },
  steering: { title: 'Steering', one: 'steering file' },
};

/** Who has this? The inventories of all agents, turned round. */
export function HeldPage({ part, search }: { part: HeldPart; search: string }) {
  const name = new URLSearchParams(search).get('name');
  useTitle(name ?? WORDS[part].title);
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  return name === null ? <Items part={part} /> : <Holders part={part} name={name} />;
}

function Items({ part }: { part: HeldPart }) {
  const { data, error, reload } = useResource<HeldAnswer>(`/api/inventory/${part}`);
  const { title, one } = WORDS[part];
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        {data !== undefined && <span class="meta">{counted(data.items.length, one)}</span>}
      </div>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.items.length === 0 && (
        <Empty title={`No ${one} is known`}>
          <p>
            Agents tell what is configured when a session starts. <a href={AGENTS}>See the agents</a>
          </p>
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <table class="list">
          <caption class="hidden-words">{title}, the most widespread first</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Scope</th>
              <th scope="col">{part === 'mcpServer' ? 'Command or address' : 'As the latest has it'}</th>
              <th scope="col" class="count">
                Variants
              </th>
              <th scope="col" class="count">
                Agents
              </th>
              <th scope="col" class="count">
                Workspaces
              </th>
              <th scope="col">First seen</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <ItemRow key={`${item.scope} ${item.name}`} item={item} part={part} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

const ItemRow = ({ item, part }: { item: HeldItem; part: HeldPart }) => (
  <tr>
    <th scope="row">
      <a class="row-link" href={`${HELD[part]}?${new URLSearchParams({ name: item.name })}`}>
        <bdi>{item.name}</bdi>
      </a>
    </th>
    <td data-label="Scope">{item.scope}</td>
    <td data-label="Has" class="what">
      <Detail part={part} detail={item.detail} />
    </td>
    <td data-label="Variants" class="count">
      {number(item.variants)}
    </td>
    <td data-label="Agents" class="count">
      {number(item.agents)}
    </td>
    <td data-label="Workspaces" class="count">
      {number(item.workspaces)}
    </td>
    <td data-label="First seen">
      <Time iso={item.firstSeenAt} />
    </td>
  </tr>
);

function Detail({ part, detail }: { part: HeldPart; detail: string }) {
  const item = JSON.parse(detail) as Partial<McpServer> & { description?: string | null; inclusion?: string };
  if (part === 'skill') return <bdi>{item.description ?? '–'}</bdi>;
  if (part === 'steering') return <>{item.inclusion ?? '–'}</>;
  return (
    <>
      <bdi class="mono">{item.command ?? item.origin ?? 'not recorded'}</bdi>
      {item.autoApprove?.includes('*') === true && <span class="tag tag-warn">approves every tool</span>}
      {item.disabled === true && <span class="tag">disabled</span>}
    </>
  );
}

function Holders({ part, name }: { part: HeldPart; name: string }) {
  const { data, error, reload } = useResource<HoldersAnswer>(`/api/inventory/${part}?${new URLSearchParams({ name })}`);
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={HELD[part]}>{WORDS[part].title}</a>
      </nav>
      <div class="page-head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        {data !== undefined && <span class="meta">{counted(data.holders.length, 'workspace')}</span>}
      </div>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.holders.length === 0 && (
        <Empty title="Nobody has it now">
          <a href={HELD[part]}>Go to all of them</a>
        </Empty>
      )}
      {data !== undefined && data.holders.length > 0 && (
        <table class="list">
          <caption class="hidden-words">Who has {name}, by user</caption>
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Device</th>
              <th scope="col">Workspace</th>
              <th scope="col">Has</th>
              <th scope="col">SHA-256</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {data.holders.map(({ agent, workspace, variant, detail, firstSeenAt }) => (
              <tr key={`${agent.id} ${workspace} ${variant}`}>
                <th scope="row">
                  <a class="row-link" href={agentAddress(agent.id)}>
                    {agent.user}
                  </a>
                </th>
                <td data-label="Device">{agent.name}</td>
                <td data-label="Workspace" class="what">
                  <bdi>{workspace === '' ? '–' : workspace}</bdi>
                </td>
                <td data-label="Has" class="what">
                  <Detail part={part} detail={detail} />
                </td>
                <td data-label="SHA-256" class="mono" title={variant}>
                  {/^[0-9a-f]{64}$/.test(variant) ? variant.slice(0, 8) : '–'}
                </td>
                <td data-label="Since">
                  <Time iso={firstSeenAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
