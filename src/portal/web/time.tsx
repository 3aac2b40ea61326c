import { ago } from './format.ts';
import { usePreferences, type Zone } from './preferences.ts';

/** A moment, exactly; in the zone that the person chose. `clock` leaves the date out, `precise` adds the milliseconds. */
export function Time({ iso, clock = false, precise = false }: { iso: string; clock?: boolean; precise?: boolean }) {
  const { zone } = usePreferences();
  return (
    <time dateTime={iso} title={`${exact(iso, zone)} · ${iso}`}>
      {clock ? clockOf(iso, zone) : precise ? `${dayOf(iso, zone)} ${clockOf(iso, zone)}` : exact(iso, zone)}
    </time>
  );
}

/** A moment as a person counts it, with the exact one beside it for whoever needs it. */
export function Ago({ iso, now }: { iso: string; now: number }) {
  const { zone } = usePreferences();
  const words = ago(Date.parse(iso), now);
  return (
    <time dateTime={iso} title={`${exact(iso, zone)} · ${iso}`}>
      {words ?? exact(iso, zone)}
    </time>
  );
}

const options = (zone: Zone): Intl.DateTimeFormatOptions => (zone === 'utc' ? { timeZone: 'UTC' } : {});

const exact = (iso: string, zone: Zone): string =>
  `${dayOf(iso, zone)} ${clockOf(iso, zone).slice(0, 8)}${zone === 'utc' ? ' UTC' : ''}`;

const dayOf = (iso: string, zone: Zone): string =>
  new Date(iso).toLocaleDateString('en-GB', { ...options(zone), day: 'numeric', month: 'short', year: 'numeric' });

const clockOf = (iso: string, zone: Zone): string =>
  new Date(iso).toLocaleTimeString('en-GB', {
    ...options(zone),
    hour12: false,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
