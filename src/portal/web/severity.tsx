import { Icon, type IconName } from './icon.tsx';

export type SeverityName = 'low' | 'medium' | 'high' | 'critical';
/** The worst first. */
export const SEVERITY_NAMES: readonly SeverityName[] = ['critical', 'high', 'medium', 'low'];
const ICONS: Readonly<Record<SeverityName, IconName>> = {
  critical: 'critical',
  high: 'needs-attention',
  medium: 'reporting',
  low: 'missing',
};

/** By shape, word and colour, in that order of trust. */
export const Severity = ({ severity }: { severity: SeverityName }) => (
  <span class={`severity severity-${severity}`}>
    <Icon name={ICONS[severity]} /> {severityWord(severity)}
  </span>
);

/** `Critical` */
export const severityWord = (severity: SeverityName): string => severity.charAt(0).toUpperCase() + severity.slice(1);
