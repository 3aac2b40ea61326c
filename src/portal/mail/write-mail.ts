import { SEVERITIES } from '../policies/policy.ts';
import type { DueNotice } from '../policies/stored.ts';

export interface MailText {
  subject: string;
  text: string;
  html: string;
}
type Told = Pick<DueNotice, 'organisation' | 'detections'>;

/** More are counted: the page shows them all. */
const LISTED = 20;

/**
 * What a mail says of detections: policy, severity, who, on which agent, and where to look; never a text that was captured. A
 * policy's name is what a person typed: it ends no line and is no markup. Pure.
 */
export function writeMail({ organisation, detections }: Told, address: string): MailText {
  const worst = [...SEVERITIES].reverse().find((each) => detections.some(({ severity }) => severity === each)) ?? 'low';
  const [first] = detections;
  const more = detections.length - 1;
  const others = more > 0 ? ` and ${more} more` : '';
  const lines = detections.slice(0, LISTED).map(({ id, policyName, severity, user, agent, time }) => ({
    what: `${severity.toUpperCase()}: ${inLine(policyName)}`,
    who: `${inLine(user)}, agent ${inLine(agent)}, ${time}`,
    link: `${address}/detections/${encodeURIComponent(id)}`,
  }));
  const rest = detections.length > LISTED ? `… and ${detections.length - LISTED} more: ${address}/detections` : '';
  const why = `Sent by the Capsule portal of ${inLine(organisation)}, to whom an administrator chose.`;
  return {
    subject: inLine(`[${worst}] ${first?.policyName ?? 'Detection'}${others} (${organisation})`).slice(0, 200),
    text: [...lines.map(({ what, who, link }) => `${what}\n  ${who}\n  ${link}\n`), rest, why].join('\n'),
    html: [
      '<!doctype html><meta charset="utf-8"><ul>',
      ...lines.map(
        ({ what, who, link }) =>
          `<li><a href="${escaped(link)}">${escaped(what)}</a><br><small>${escaped(who)}</small></li>`,
      ),
      `</ul><p>${escaped(rest)}</p><p><small>${escaped(why)}</small></p>`,
    ].join('\n'),
  };
}

/** A mail that says only that it is a test. Pure. */
export function writeTestMail(organisation: string, address: string): MailText {
  const text = `This is a test by the Capsule portal of ${inLine(organisation)}: mails arrive here.\n${address}/settings/notifications`;
  return { subject: 'A test by the Capsule portal', text, html: `<!doctype html><p>${escaped(text)}</p>` };
}

/** Controls, line ends and what turns the reading direction become spaces. */
const inLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
