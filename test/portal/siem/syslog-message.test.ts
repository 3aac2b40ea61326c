import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../../src/core/event.ts';
import { FACILITIES, type Facility } from '../../../src/portal/siem/stream.ts';
import { asciiJson, frameSyslog, SYSLOG_SEVERITY, writeSyslog } from '../../../src/portal/siem/syslog-message.ts';
import { detectionToSyslog, eventToSyslog } from '../../../src/portal/siem/write-stream.ts';
import { anyText } from '../../helpers/any-text.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { makeEvent } from '../../helpers/portal-events.ts';
import { aDetection, anyEvent, ORG, PORTAL, syslogTo } from './things.ts';

const text = anyText({ maxLength: 300 });

/** RFC 5424's grammar to the letter (6): what it does not allow throws. */
function parseSyslog(bytes: Buffer) {
  const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const header =
    /^<(\d|[1-9]\d|1[0-8]\d|19[01])>([1-9]\d{0,2}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)|-) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /.exec(
      whole,
    );
  if (header === null) throw new Error('no header');
  let rest = whole.slice(header[0].length);
  const params: Record<string, string> = {};
  const id = /^\[([!#-<>-\\^-~]{1,32})/.exec(rest);
  if (id === null) throw new Error('no structured data');
  rest = rest.slice(id[0].length);
  for (;;) {
    const param = /^ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/.exec(rest);
    if (param === null) break;
    params[param[1] ?? ''] = (param[2] ?? '').replace(/\\(["\\\]])/g, '$1');
    rest = rest.slice(param[0].length);
  }
  if (!rest.startsWith('] ')) throw new Error('structured data does not end');
  const message = rest.slice(2);
  const isUtf8 = message.startsWith('\ufeff');
  if (!isUtf8 && !/^[\0-\x7f]*$/.test(message)) throw new Error('UTF-8 without a BOM');
  const [, priority, version, time, hostname, appName, procId, msgId] = header;
  return {
    ...{ priority: Number(priority), version, time, hostname, appName, procId, msgId, sdId: id[1], params },
    message: isUtf8 ? message.slice(1) : message,
  };
}

test('any text comes back from a strict reader of RFC 5424, and is counted right on a connection', () => {
  const facility = fc.constantFrom(...(Object.keys(FACILITIES) as Facility[]));
  const severity = fc.constantFrom(...(Object.keys(SYSLOG_SEVERITY) as (keyof typeof SYSLOG_SEVERITY)[]));
  fc.assert(
    fc.property(facility, severity, text, text, text, text, (facility, severity, hostname, session, org, message) => {
      const time = '2026-09-03T12:00:00.123Z';
      const data = { org, session };
      const bytes = writeSyslog({ facility, severity, time, hostname, appName: 'capsule', msgId: 'x', data, message });
      const read = parseSyslog(bytes);
      expect(read.priority).toBe(FACILITIES[facility] * 8 + SYSLOG_SEVERITY[severity]);
      expect(read).toMatchObject({ version: '1', time, appName: 'capsule', procId: '-', msgId: 'x' });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what the writer does with them.
      const kept = (value: string) => value.replace(/[\x00-\x1f\x7f]/g, ' ').toWellFormed();
      expect(read.params).toEqual({ org: kept(org), session: kept(session) });
      // A BOM that is there already is not told from the one that marks UTF-8, but it is read as well.
      expect(read.message).toBe(message.toWellFormed());
      const framed = frameSyslog(bytes);
      const counted = /^([1-9]\d*) /.exec(framed.toString('latin1'));
      expect(framed.subarray(counted?.[0].length).equals(bytes)).toBe(true);
      expect(Number(counted?.[1])).toBe(bytes.length);
    }),
    fuzzRuns(),
  );
});

test('JSON in ASCII says what it said', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(anyText(), fc.array(anyText()))), (value) => {
      const json = asciiJson(value);
      expect(json).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    fuzzRuns(),
  );
});

const stream = { org: ORG, format: 'capsule', content: 'full', kinds: [], severities: [] } as const;
const send = (event: CapsuleEvent, format: 'capsule' | 'ocsf' | 'cloudevents', maxMessageBytes: number) =>
  eventToSyslog({ ...stream, kinds: [], severities: [], format }, syslogTo({ maxMessageBytes }), PORTAL, {
    ...{ event, position: 1, receivedAt: '2026-09-03T12:00:03.000Z' },
  });

test('a message that would be larger than the receiver takes is cut, stays JSON, and says what was cut', () => {
  const result = 'é\n'.repeat(200_000);
  const event = makeEvent('tool.invoked', { body: { result, arguments: { command: 'cat notes' } } });
  for (const format of ['capsule', 'ocsf', 'cloudevents'] as const) {
    const bytes = send(event, format, 65_536);
    expect(bytes.length).toBeLessThanOrEqual(65_536);
    // Nearly all of the room is used.
    expect(bytes.length).toBeGreaterThan(30_000);
    expect(parseSyslog(bytes).message).toContain(`{"field":"/body/result","bytes":600000,"sha256":"`);
  }
  const read = JSON.parse(parseSyslog(send(event, 'capsule', 65_536)).message) as typeof event;
  expect(result.startsWith(read.body.result as string)).toBe(true);
  expect(read.body.arguments).toEqual({ command: 'cat notes' });
  expect(event.body.result).toBe(result);
});

test('any event fits, however little the receiver takes', () => {
  fc.assert(
    fc.property(anyEvent, fc.integer({ min: 1, max: 2_000 }), fc.boolean(), (event, times, ocsf) => {
      const body = Object.fromEntries(
        Object.entries(event.body as object).map(([name, value]) =>
          ['text', 'result', 'error'].includes(name) && typeof value === 'string'
            ? [name, `${value}€"`.repeat(times)]
            : [name, value],
        ),
      );
      const bytes = send({ ...event, body } as unknown as CapsuleEvent, ocsf ? 'ocsf' : 'capsule', 16_384);
      expect(bytes.length).toBeLessThanOrEqual(16_384);
      expect(() => JSON.parse(parseSyslog(bytes).message)).not.toThrow();
    }),
    fuzzRuns(8),
  );
});

test('a session with very many hooks fits, too', () => {
  const hook = {
    name: 'a hook',
    scope: 'user',
    trigger: 'Stop',
    action: 'x'.repeat(100),
    sha256: 'a'.repeat(64),
  } as const;
  const hooks = Array.from({ length: 2_000 }, () => ({ ...hook, ours: false }));
  const bytes = send(makeEvent('session.started', { body: { hooks } }), 'capsule', 8_192);
  expect(bytes.length).toBeLessThanOrEqual(8_192);
  expect(parseSyslog(bytes).message).toContain('"field":"/body/hooks"');
});

test('a detection with very much evidence leaves some away and says how much', () => {
  const evidence = Array.from({ length: 500 }, (_, n) => ({
    event: `event-${n}`,
    path: '/body/text',
    start: 0,
    end: 9,
  }));
  const found = { step: 1, detection: aDetection({ evidence }) };
  for (const format of ['capsule', 'ocsf', 'cloudevents'] as const) {
    const bytes = detectionToSyslog({ org: ORG, format }, syslogTo({ maxMessageBytes: 8_192 }), PORTAL, found);
    expect(bytes.length).toBeLessThanOrEqual(8_192);
    expect(parseSyslog(bytes).message).toMatch(/"evidenceOmitted":[34]\d\d/);
  }
});
