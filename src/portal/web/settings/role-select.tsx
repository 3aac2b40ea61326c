const ROLES = ['viewer', 'analyst', 'admin'];

/** Viewers read, analysts also judge, administrators also administer. */
export const RoleSelect = ({ label, value, set }: { label: string; value: string; set(role: string): void }) => (
  <select class="role" aria-label={label} value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
    {ROLES.map((role) => (
      <option key={role}>{role}</option>
    ))}
  </select>
);
