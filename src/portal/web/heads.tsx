/** The head of a column that needs no words for whoever sees it. */
export const HiddenHead = ({ name }: { name: string }) => (
  <th scope="col">
    <span class="hidden-words">{name}</span>
  </th>
);

/** Heads of columns in a row; `last` is that of one whose buttons or links say everything. */
export const Heads = ({ names, last }: { names: readonly string[]; last?: string }) => (
  <>
    {names.map((name) => (
      <th key={name} scope="col">
        {name}
      </th>
    ))}
    {last !== undefined && <HiddenHead name={last} />}
  </>
);
