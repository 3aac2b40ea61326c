import type { ComponentChildren } from 'preact';
import type { AgentAnswer } from '../../answers.ts';
import { bytes, counted, kiroVersion, number, OS_NAMES } from '../format.ts';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';

type Agent = AgentAnswer['agent'];

/** How an agent is doing, fact by fact. */
export function AgentFacts({ agent }: { agent: Agent }) {
  const now = useNow();
  const { attachments, heartbeat } = agent;
  return (
    <dl class="facts">
      <Fact name="Last seen">{agent.lastSeenAt === null ? 'never' : <Ago iso={agent.lastSeenAt} now={now} />}</Fact>
      <Fact name="Last event">
        {agent.lastEventAt === null ? 'none yet' : <Ago iso={agent.lastEventAt} now={now} />}
      </Fact>
      <Fact name="Events">{number(agent.events)}</Fact>
      <Fact name="Kiro">{kiroVersion(agent.kiro)}</Fact>
      <Fact name="Capsule">{agent.agentVersion}</Fact>
      <Fact name="System">{OS_NAMES[agent.os] ?? agent.os}</Fact>
      <Fact name="Workspaces">{attachments === null ? 'not reported yet' : attachmentWords(attachments)}</Fact>
      <Fact name="Waiting on the device">
        {heartbeat === null ? 'not reported yet' : waiting(heartbeat.outbox.events, heartbeat.outbox.bytes)}
      </Fact>
      <Fact name="Enrolled">
        <Time iso={agent.enrolledAt} />
      </Fact>
      <Fact name="Credential ends">
        {agent.credentialEndsAt === null ? 'revoked' : <Time iso={agent.credentialEndsAt} />}
      </Fact>
      <Fact name="Last probe">
        {agent.lastProbe === null ? 'none yet' : <Ago iso={agent.lastProbe.time} now={now} />}
      </Fact>
      <Fact name="Device id">
        <span class="mono">{agent.id}</span>
      </Fact>
    </dl>
  );
}

/** `12 of 14 attached, 2 remote` */
function attachmentWords({ attached, known, ...others }: NonNullable<Agent['attachments']>): string {
  const rest = Object.entries(others).filter(([, count]) => count > 0);
  return [`${attached} of ${known} attached`, ...rest.map(([what, count]) => `${count} ${what}`)].join(', ');
}

const waiting = (events: number, size: number): string =>
  events === 0 ? 'nothing' : `${counted(events, 'event')}, ${bytes(size)}`;

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
