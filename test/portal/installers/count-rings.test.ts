import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ringCounter } from '../../../src/portal/installers/count-rings.ts';
import { ringsSchema } from '../../../src/portal/installers/rings-schema.ts';
import { ringFinder } from '../../../src/portal/installers/upgrade-rings.ts';
import type { RingMember } from '../../../src/portal/store/upgrade-store.ts';

const RINGS = ringsSchema.parse({
  rings: [
    { name: 'canary', percent: 0, users: ['a*'], devices: [], upTo: 'newest' },
    { name: 'early', percent: 50, users: [], devices: [], upTo: 'newest' },
  ],
  others: null,
});
const AT = '2026-09-03T12:00:00.000Z';
const arbitraryMember: fc.Arbitrary<RingMember> = fc.record({
  id: fc.uuid(),
  user: fc.constantFrom('ann', 'bob', 'Arthur'),
  name: fc.constant('laptop'),
  version: fc.constantFrom('0.1.0', '0.2.0', '0.10.0', 'strange'),
  offer: fc.option(
    fc.record({
      version: fc.constantFrom('0.2.0', '0.10.0'),
      ring: fc.constantFrom('canary', null),
      at: fc.constant(AT),
      failedAt: fc.option(fc.constant(AT), { nil: null }),
      why: fc.constant('it does not answer'),
    }),
    { nil: null },
  ),
});

test('every agent is counted once, in the ring it is in now, and no more failed than were offered it', () => {
  fc.assert(
    fc.property(fc.array(arbitraryMember, { maxLength: 60 }), (members) => {
      const counter = ringCounter(RINGS, ['0.2.0']);
      for (const member of members) counter.add(member);
      const { agents, progress, failures } = counter.result();
      const ringOf = ringFinder(RINGS);
      expect(progress.map(({ ring }) => ring)).toEqual(['canary', 'early', null]);
      for (const { ring, running, offered, failed } of progress) {
        const own = members.filter((member) => (ringOf(member)?.name ?? null) === ring);
        const counted = agents.filter((each) => each.ring === ring).reduce((sum, each) => sum + each.agents, 0);
        expect(counted).toBe(own.length);
        expect(running).toBe(own.filter(({ version }) => ['0.2.0', '0.10.0'].includes(version)).length);
        expect(running + offered).toBeLessThanOrEqual(own.length);
        expect(failed).toBeLessThanOrEqual(offered);
      }
      expect(failures.length).toBeLessThanOrEqual(20);
    }),
  );
});

test('an agent that took it after it failed, or a later one, is no failure any more', () => {
  const member = (version: string): RingMember => ({
    ...{ id: version, user: 'ann', name: 'laptop', version },
    offer: { version: '0.2.0', ring: 'canary', at: AT, failedAt: AT, why: 'it does not answer' },
  });
  const counter = ringCounter(RINGS, ['0.2.0']);
  for (const version of ['0.1.0', '0.2.0', '0.10.0']) counter.add(member(version));
  const { failures, progress } = counter.result();
  expect(failures).toEqual([
    {
      ...{ agent: '0.1.0', name: 'laptop', user: 'ann', ring: 'canary', version: '0.2.0' },
      ...{ why: 'it does not answer', at: AT },
    },
  ]);
  expect(progress[0]).toMatchObject({ running: 2, offered: 1, failed: 1 });
});
