import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../../src/core/event.ts';
import { eventEnvelope } from '../../../src/portal/siem/cloud-event.ts';
import { ocsfEvent } from '../../../src/portal/siem/ocsf.ts';
import { ocsfFinding } from '../../../src/portal/siem/ocsf-finding.ts';
import { STREAM_FORMATS } from '../../../src/portal/siem/stream.ts';
import { withoutContent } from '../../../src/portal/siem/without-content.ts';
import { detectionToSyslog, eventToSyslog, writeDetection, writeEvent } from '../../../src/portal/siem/write-stream.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { everyKind } from '../../helpers/portal-events.ts';
import { ocsfProblems } from './ocsf-check.ts';
import { aDetection, anyEvent, ORG, PORTAL, syslogTo } from './things.ts';

const RECEIVED = '2026-09-03T12:00:03.000Z';
const SOURCE = { org: ORG, version: PORTAL.version };
const streamed = (event: CapsuleEvent, position = 1) => ({ event, position, receivedAt: RECEIVED });
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

test('every event, with its content and without, is valid OCSF', () => {
  fc.assert(
    fc.property(anyEvent, fc.boolean(), (event, full) => {
      const object = asJson(ocsfEvent(SOURCE, streamed(full ? event : withoutContent(event))));
      expect(ocsfProblems(object)).toEqual([]);
    }),
    fuzzRuns(2),
  );
});

test('a detection is valid OCSF in each of its states, and is created, updated and closed by them', () => {
  const activities = (
    [
      ['open', 1],
      ['in_review', 2],
      ['closed', 3],
      ['false_positive', 3],
      ['withdrawn', 3],
    ] as const
  ).map(([state, version]) => {
    const object = asJson(ocsfFinding(SOURCE, { step: 7, detection: aDetection({ state, version }) }));
    expect(ocsfProblems(object)).toEqual([]);
    return [state, object.activity_name, object.status, object.type_uid];
  });
  expect(activities).toEqual([
    ['open', 'Create', 'New', 200401],
    ['in_review', 'Update', 'In Progress', 200402],
    ['closed', 'Close', 'Resolved', 200403],
    ['false_positive', 'Close', 'Suppressed', 200403],
    ['withdrawn', 'Close', 'Deleted', 200403],
  ]);
  expect(ocsfProblems(asJson(ocsfFinding(SOURCE, { step: 7, detection: aDetection({ evidence: [] }) })))).toEqual([]);
});

test('what is no OCSF is told from what is', () => {
  const good = asJson(ocsfFinding(SOURCE, { step: 7, detection: aDetection() }));
  const { finding_info: _, ...without } = good;
  expect(ocsfProblems(without)).toEqual(['finding_info!: is missing']);
  expect(ocsfProblems({ ...good, colour: 'red' })).toEqual(['colour: is no attribute']);
  expect(ocsfProblems({ ...good, type_uid: 1 })).toEqual(['type_uid: is not class and activity']);
  expect(ocsfProblems({ ...good, severity: 'Low' })).toEqual(['severity: is not the caption']);
  expect(ocsfProblems({ ...good, status: 'Success' })).toEqual(['status: is not the caption']);
  expect(ocsfProblems({ ...good, severity_id: 7 })).toEqual(['severity_id: 7 is not of the enum']);
  expect(ocsfProblems({ ...good, evidences: [{ uid: 'x' }] })).toEqual(['evidences.0: has none of what it needs']);
  expect(ocsfProblems({ ...good, time: '2026' })).toEqual(['time: is no timestamp']);
});

test('a shell tool is a process, another tool what it does, a loss an error', () => {
  const [start, prompt, , shell, answer, , gap] = everyKind().map((event) =>
    asJson(ocsfEvent(SOURCE, streamed(event))),
  );
  expect([start, prompt, shell, answer, gap].map((each) => each?.class_name)).toEqual([
    ...['API Activity', 'API Activity', 'Process Activity', 'API Activity', 'Application Error'],
  ]);
  expect(shell).toMatchObject({ process: { cmd_line: 'npm test' }, exit_code: 0, status: 'Success' });
  expect(prompt).toMatchObject({ message_context: { ai_role: 'User', prompt_text: 'Fix the parser' } });
  expect(answer).toMatchObject({ message_context: { ai_role: 'Assistant', response_text: 'Done.' } });
});

test('every event in its envelope is what the official package takes for a CloudEvent', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const envelope = asJson(eventEnvelope(ORG, streamed(event, 42)));
      expect(new CloudEvent(envelope).validate()).toBe(true);
      expect(envelope.sequence).toBe('0000000000000042');
    }),
    fuzzRuns(4),
  );
});

test('a batch is read by the official package as the events that it holds', () => {
  const stream = { org: ORG, format: 'cloudevents', content: 'metadata', kinds: [], severities: [] } as const;
  const batch = everyKind().map((event) =>
    writeEvent({ ...stream, kinds: [], severities: [] }, PORTAL, streamed(event)),
  );
  const found = writeDetection(stream, PORTAL, { step: 3, detection: aDetection() });
  const read = HTTP.toEvent({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([...batch, found].map(({ json }) => json)),
  }) as CloudEvent[];
  expect(read.map(({ type }) => type)).toEqual(
    [
      ...['session.started', 'prompt.submitted', 'agent.reasoned', 'tool.invoked', 'agent.responded', 'turn.ended'],
      ...['capture.gap', 'detection'],
    ].map((kind) => `capsule.kiro.${kind}`),
  );
});

test('without content no text that was captured is in any format, and its length and hash are', () => {
  fc.assert(
    fc.property(anyEvent, fc.constantFrom(...STREAM_FORMATS), (event, format) => {
      const secret = 'what-was-captured-7f3a';
      const marked = JSON.parse(
        JSON.stringify({
          ...event,
          session: { ...event.session, title: secret },
          body:
            event.kind === 'tool.invoked'
              ? { ...event.body, arguments: { command: secret, deep: [{ text: secret }] }, result: [secret] }
              : 'text' in event.body
                ? { ...event.body, text: secret }
                : { ...event.body, ...(event.kind === 'turn.ended' && { error: secret }) },
        }),
      ) as CapsuleEvent;
      const stream = { org: ORG, format, content: 'metadata', kinds: [], severities: [] } as const;
      const line = JSON.stringify(writeEvent({ ...stream, kinds: [], severities: [] }, PORTAL, streamed(marked)).json);
      expect(line).not.toContain(secret);
      expect(line).toContain('"/session/title"');
    }),
    fuzzRuns(2),
  );
});

/** The samples that the documentation points at are what the program writes. `CAPSULE_SAMPLES=write` writes them anew. */
test('the samples are what the program writes', () => {
  const folder = path.join(import.meta.dirname, '..', '..', '..', 'src', 'portal', 'siem', 'samples');
  const events = everyKind().map((event, index) =>
    streamed(
      {
        ...event,
        id: `event-${index + 1}`,
        time: `2026-09-03T12:00:00.00${index}Z`,
        source: { ...event.source, ordinal: index },
      } as CapsuleEvent,
      index + 1,
    ),
  );
  const finding = { step: 1, detection: aDetection() };
  const lines = (format: (typeof STREAM_FORMATS)[number]) => {
    const stream = { org: ORG, format, content: 'metadata' as const, kinds: [], severities: [] };
    return [...events.map((each) => writeEvent(stream, PORTAL, each)), writeDetection(stream, PORTAL, finding)].map(
      ({ json }) => asJson(json),
    );
  };
  const stream = { org: ORG, format: 'ocsf' as const, content: 'metadata' as const, kinds: [], severities: [] };
  const messages = [
    ...events.map((each) => eventToSyslog(stream, syslogTo(), PORTAL, each)),
    detectionToSyslog(stream, syslogTo(), PORTAL, finding),
  ];
  const asLines = (of: unknown[]) => of.map((each) => `${JSON.stringify(each)}\n`).join('');
  const samples = {
    'capsule.jsonl': asLines(lines('capsule')),
    'ocsf.jsonl': asLines(lines('ocsf')),
    'cloudevents-batch.jsonl': `${JSON.stringify(lines('cloudevents'))}\n`,
    'syslog.txt': messages.map((message) => `${message.toString()}\n`).join(''),
  };
  for (const line of samples['ocsf.jsonl'].trim().split('\n')) {
    expect(ocsfProblems(JSON.parse(line) as Record<string, unknown>)).toEqual([]);
  }
  for (const each of JSON.parse(samples['cloudevents-batch.jsonl']) as Record<string, unknown>[]) {
    expect(new CloudEvent(each).validate()).toBe(true);
  }
  for (const [name, text] of Object.entries(samples)) {
    const file = path.join(folder, name);
    mkdirSync(folder, { recursive: true });
    if (process.env.CAPSULE_SAMPLES === 'write') writeFileSync(file, text);
    expect([name, readFileSync(file, 'utf8')]).toEqual([name, text]);
  }
});
